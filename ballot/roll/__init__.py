"""NHS files to a roll of member practices, with every refusal explained by file, line and column.

This room does no I/O. It takes the form of codes and names from the record and imports nothing else: bytes come in, a
`Roll` or an `InvalidRoll` with all problems goes out, and nothing is ever half imported. Whatever the bytes are,
nothing but `InvalidRoll` is raised.

Where to look: `read` (which file is this?) and then one module per format: `simple` (our CSV with a header), `epraccur`
(who is a member, from the ODS) and `list_sizes` (gp-reg-pat-prac-all, from NHS Digital); `join` puts the last two
together; `weighable` asks whether a roll can be weighed by list size. Underneath: `unpack` and `zips` (what is
compressed), `text` (bytes to text), `rows` (text to cells), `headers` (names of columns), `codes`, `cells`, `addresses`
and `localities` (one cell each), `membership` (a file as a whole), `problems` (what is refused and how it is said),
`member` (what comes out).

    roll = read_files(Source("epraccur.csv", data), ["00Q", "00R"], Source("gp-reg-pat-prac-all.csv", lists))
    for member in roll.of("00Q"):
        print(member.practice, member.list_size)

Not done here: weights and bands (the constitution), who may vote (the office), sending (the mail). The readers know
nothing of 2019 except two headers: codes are text, three or five characters, and never a number.
"""
