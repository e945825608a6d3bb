/* ballot.protocol._native: the arithmetic of native.py. Nothing here is constant in time: public data only.
 *
 * Two kinds of object: a Point of the curve, and a Table of a base that is used often. Both are immutable, so several
 * threads may use them while the interpreter lock is released. Exponents are 32 little-endian bytes below the order of
 * the group; anything else is a ValueError. CPython's stable ABI from 3.11 on: one build serves every later version.
 */
#define Py_LIMITED_API 0x030b0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "curve.h"

typedef struct {
    PyObject_HEAD
    point P;
} PointObject;

typedef struct {
    PyObject_HEAD
    void *memory;
    const flat_addend (*rows)[COLUMNS]; /* in that memory, at the start of a cache line */
} TableObject;

typedef struct {
    PyTypeObject *point_type, *table_type;
} module_state;

static module_state *state_of(PyObject *module) { return PyModule_GetState(module); }

static void point_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_Free(self);
    Py_DECREF(type);
}

static void table_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyMem_Free(((TableObject *)self)->memory);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyObject *new_point(PyObject *module, const point *P)
{
    PointObject *made = PyObject_New(PointObject, state_of(module)->point_type);

    if (made != NULL)
        made->P = *P;
    return (PyObject *)made;
}

/* -- Arguments ------------------------------------------------------------------------------------------------- */

static int arguments(Py_ssize_t found, Py_ssize_t expected)
{
    if (found == expected)
        return 1;
    PyErr_Format(PyExc_TypeError, "expected %zd arguments, found %zd", expected, found);
    return 0;
}

static const PointObject *as_point(PyObject *module, PyObject *argument)
{
    if (Py_IS_TYPE(argument, state_of(module)->point_type))
        return (PointObject *)argument;
    PyErr_SetString(PyExc_TypeError, "expected a Point");
    return NULL;
}

static const TableObject *as_table(PyObject *module, PyObject *argument)
{
    if (Py_IS_TYPE(argument, state_of(module)->table_type))
        return (TableObject *)argument;
    PyErr_SetString(PyExc_TypeError, "expected a Table");
    return NULL;
}

static int is_below_order(const unsigned char exponent[32])
{
    for (int i = 31; i >= 0; i--)
        if (exponent[i] != ORDER[i])
            return exponent[i] < ORDER[i];
    return 0;
}

/* Check that the argument is `count` exponents one after the other; returns its bytes, valid during the call. */
static const unsigned char *as_exponents(PyObject *argument, Py_ssize_t count)
{
    char *bytes;
    Py_ssize_t length;

    if (PyBytes_AsStringAndSize(argument, &bytes, &length) < 0)
        return NULL;
    if (length != 32 * count) {
        PyErr_Format(PyExc_ValueError, "expected %zd bytes of exponents, found %zd", 32 * count, length);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!is_below_order((unsigned char *)bytes + 32 * i)) {
            PyErr_SetString(PyExc_ValueError, "an exponent is not below the order of the group");
            return NULL;
        }
    }
    return (unsigned char *)bytes;
}

/* -- Functions ------------------------------------------------------------------------------------------------- */

static PyObject *decode(PyObject *module, PyObject *argument)
{
    char *bytes;
    Py_ssize_t length;
    point P;

    if (PyBytes_AsStringAndSize(argument, &bytes, &length) < 0)
        return NULL;
    if (length != 32 || !point_decode(&P, (unsigned char *)bytes))
        Py_RETURN_NONE;
    return new_point(module, &P);
}

static PyObject *encode(PyObject *module, PyObject *argument)
{
    const PointObject *P = as_point(module, argument);
    unsigned char bytes[32];
    fe room[1];

    if (P == NULL)
        return NULL;
    points_encode(bytes, &P->P, 1, room);
    return PyBytes_FromStringAndSize((char *)bytes, 32);
}

static PyObject *is_in_group(PyObject *module, PyObject *argument)
{
    const PointObject *P = as_point(module, argument);
    point R;

    if (P == NULL)
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    point_multiple(&R, &P->P, ORDER);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(point_is_identity(&R));
}

static PyObject *sum(PyObject *module, PyObject *const *args, Py_ssize_t count, int negate)
{
    const PointObject *P, *Q;
    addend A;
    point R;

    if (!arguments(count, 2) || !(P = as_point(module, args[0])) || !(Q = as_point(module, args[1])))
        return NULL;
    addend_of(&A, &Q->P);
    point_add(&R, &P->P, &A, negate, 1);
    return new_point(module, &R);
}

static PyObject *add(PyObject *module, PyObject *const *args, Py_ssize_t count) { return sum(module, args, count, 0); }

static PyObject *subtract(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    return sum(module, args, count, 1);
}

static PyObject *multiple(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    const PointObject *P;
    const unsigned char *exponent;
    point R;

    if (!arguments(count, 2) || !(P = as_point(module, args[0])) || !(exponent = as_exponents(args[1], 1)))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    point_multiple(&R, &P->P, exponent);
    Py_END_ALLOW_THREADS
    return new_point(module, &R);
}

#define LINE 64

static PyObject *make_table(PyObject *module, PyObject *argument)
{
    const PointObject *P = as_point(module, argument);
    TableObject *made;
    flat_addend(*rows)[COLUMNS];

    if (P == NULL || (made = PyObject_New(TableObject, state_of(module)->table_type)) == NULL)
        return NULL;
    made->memory = PyMem_Malloc(sizeof(fixed_table) + LINE);
    if (made->memory == NULL) {
        Py_DECREF(made);
        return PyErr_NoMemory();
    }
    rows = (void *)((char *)made->memory + LINE - (uintptr_t)made->memory % LINE);
    made->rows = (const flat_addend(*)[COLUMNS])rows;
    Py_BEGIN_ALLOW_THREADS
    fixed_table_of(rows, &P->P);
    Py_END_ALLOW_THREADS
    return (PyObject *)made;
}

static PyObject *table_multiple(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    const TableObject *base;
    const unsigned char *exponent;
    point R;

    if (!arguments(count, 2) || !(base = as_table(module, args[0])) || !(exponent = as_exponents(args[1], 1)))
        return NULL;
    point_identity(&R);
    fixed_add(&R, base->rows, exponent);
    return new_point(module, &R);
}

/* commitment(g, P, check, response | challenge): the encoding of response g + challenge P. None if `check` is true and
 * P is not in the group. */
static PyObject *commitment(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    const TableObject *g;
    const PointObject *P;
    const unsigned char *exponents;
    unsigned char bytes[32];
    int check, in_group;
    fe room[1];
    point R;

    if (!arguments(count, 4) || !(g = as_table(module, args[0])) || !(P = as_point(module, args[1]))
        || (check = PyObject_IsTrue(args[2])) < 0 || !(exponents = as_exponents(args[3], 2)))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    in_group = point_multiples_checked(&R, &P->P, exponents + 32, 0, 1, check);
    if (in_group) {
        fixed_add(&R, g->rows, exponents);
        points_encode(bytes, &R, 1, room);
    }
    Py_END_ALLOW_THREADS
    if (!in_group)
        Py_RETURN_NONE;
    return PyBytes_FromStringAndSize((char *)bytes, 32);
}

/* The part of `disjuncts` that runs without the interpreter lock; 0 if a point to be checked is not in the group. */
static int fill_disjuncts(unsigned char *out, point *R, fe *room, const flat_addend (*g)[COLUMNS],
    const flat_addend (*y)[COLUMNS], const point *alpha, int check_alpha, const point *beta, int check_beta,
    const unsigned char *exponents, size_t n)
{
    if (!point_multiples_checked(&R[0], alpha, exponents + 32, 96, n, check_alpha)
        || !point_multiples_checked(&R[1], beta, exponents + 32, 96, n, check_beta))
        return 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned char *response = exponents + 96 * i, *shift = response + 64;

        fixed_add(&R[2 * i], g, response);
        fixed_add(&R[2 * i + 1], y, response);
        fixed_add(&R[2 * i + 1], g, shift);
    }
    points_encode(out, R, 2 * n, room);
    return 1;
}

#define MOST_DISJUNCTS 100000

/* disjuncts(g, y, alpha, check_alpha, beta, check_beta, n, exponents): for n times response | challenge | shift the
 * encodings of response g + challenge alpha and of response y + challenge beta + shift g, one after the other. None if
 * alpha or beta is to be checked and is not in the group. */
static PyObject *disjuncts(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    const TableObject *g, *y;
    const PointObject *alpha, *beta;
    const unsigned char *exponents;
    int check_alpha, check_beta, in_group;
    Py_ssize_t n;
    point *R;
    fe *room;
    PyObject *out;

    if (!arguments(count, 8) || !(g = as_table(module, args[0])) || !(y = as_table(module, args[1]))
        || !(alpha = as_point(module, args[2])) || (check_alpha = PyObject_IsTrue(args[3])) < 0
        || !(beta = as_point(module, args[4])) || (check_beta = PyObject_IsTrue(args[5])) < 0)
        return NULL;
    n = PyLong_AsSsize_t(args[6]);
    if (n < 0 || n > MOST_DISJUNCTS) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_ValueError, "too many disjuncts for one proof");
        return NULL;
    }
    if (!(exponents = as_exponents(args[7], 3 * n)))
        return NULL;
    out = PyBytes_FromStringAndSize(NULL, 64 * n);
    R = PyMem_Malloc((size_t)(2 * n + 1) * sizeof(point));
    room = PyMem_Malloc((size_t)(2 * n + 1) * sizeof(fe));
    if (out == NULL || R == NULL || room == NULL) {
        PyErr_NoMemory();
        Py_CLEAR(out);
    } else {
        unsigned char *bytes = (unsigned char *)PyBytes_AsString(out);

        Py_BEGIN_ALLOW_THREADS
        in_group = fill_disjuncts(bytes, R, room, g->rows, y->rows, &alpha->P, check_alpha, &beta->P, check_beta,
            exponents, (size_t)n);
        Py_END_ALLOW_THREADS
        if (!in_group) {
            Py_DECREF(out);
            out = Py_NewRef(Py_None);
        }
    }
    PyMem_Free(R);
    PyMem_Free(room);
    return out;
}

/* total(points): the sum of a list of Points; the identity if it is empty. */
static PyObject *total(PyObject *module, PyObject *argument)
{
    const PointObject *P;
    addend A;
    point R;
    Py_ssize_t count = PyList_Size(argument);

    if (count < 0)
        return NULL;
    point_identity(&R);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!(P = as_point(module, PyList_GetItem(argument, i))))
            return NULL;
        addend_of(&A, &P->P);
        point_add(&R, &R, &A, 0, 1);
    }
    return new_point(module, &R);
}

/* -- The module ------------------------------------------------------------------------------------------------ */

#define FAST(name) {#name, (PyCFunction)(void (*)(void))name, METH_FASTCALL, NULL}

#define ONE(name) {#name, name, METH_O, NULL}

static PyMethodDef methods[] = {
    ONE(decode),    ONE(encode),     ONE(is_in_group),     FAST(add),        FAST(subtract),  ONE(total),
    FAST(multiple), ONE(make_table), FAST(table_multiple), FAST(commitment), FAST(disjuncts), {NULL, NULL, 0, NULL},
};

static PyType_Slot point_slots[] = {{Py_tp_dealloc, point_dealloc}, {0, NULL}};
static PyType_Slot table_slots[] = {{Py_tp_dealloc, table_dealloc}, {0, NULL}};

#define TYPE_FLAGS (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE)

static PyType_Spec point_spec = {"ballot.protocol._native.Point", sizeof(PointObject), 0, TYPE_FLAGS, point_slots};
static PyType_Spec table_spec = {"ballot.protocol._native.Table", sizeof(TableObject), 0, TYPE_FLAGS, table_slots};

static int module_exec(PyObject *module)
{
    module_state *state = state_of(module);

    state->point_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &point_spec, NULL);
    state->table_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &table_spec, NULL);
    if (state->point_type == NULL || state->table_type == NULL)
        return -1;
    if (PyModule_AddType(module, state->point_type) < 0 || PyModule_AddType(module, state->table_type) < 0)
        return -1;
    return 0;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(state_of(module)->point_type);
    Py_VISIT(state_of(module)->table_type);
    return 0;
}

static int module_clear(PyObject *module)
{
    Py_CLEAR(state_of(module)->point_type);
    Py_CLEAR(state_of(module)->table_type);
    return 0;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_native",
    .m_doc = "Points of edwards25519, for public data only.",
    .m_size = sizeof(module_state),
    .m_methods = methods,
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
};

PyMODINIT_FUNC PyInit__native(void) { return PyModuleDef_Init(&definition); }
