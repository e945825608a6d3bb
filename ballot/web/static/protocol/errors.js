/**
 * What can be wrong with a message from outside: the words of ballot/protocol/errors.py, on page, log and test alike.
 * `InvalidMessage` says that they sent something bad; `TypeError` and `RangeError` that we called it wrong.
 */

export const Reason = Object.freeze({
  NOT_JSON: "not-json",
  TOO_DEEP: "too-deep",
  NOT_CANONICAL: "not-canonical",
  WRONG_FIELDS: "wrong-fields",
  WRONG_TYPE: "wrong-type",
  NUMBER_RANGE: "number-range",
  UNSUPPORTED: "unsupported",

  ELEMENT_ENCODING: "element-encoding",
  ELEMENT_SUBGROUP: "element-subgroup",
  ELEMENT_IDENTITY: "element-identity",
  SCALAR_RANGE: "scalar-range",

  ELECTION_UUID: "election-uuid",
  ELECTION_HASH: "election-hash",
  UNKNOWN_CREDENTIAL: "unknown-credential",
  CREDENTIAL_FORM: "credential-form",
  SIGNATURE_HASH: "signature-hash",
  SIGNATURE: "signature",
  WRONG_SHAPE: "wrong-shape",
  INDIVIDUAL_PROOF: "individual-proof",
  OVERALL_PROOF: "overall-proof",
  BLANK_PROOF: "blank-proof",
  VOTE: "vote",
  OPENING: "opening",

  PUBLIC_KEY: "public-key",
  WRONG_RECEIPT: "wrong-receipt",
});

/** Something from outside is not what the specification says; `reason` is one word, `detail` one clause. */
export class InvalidMessage extends Error {
  constructor(reason, detail) {
    super(`${reason}: ${detail}`);
    this.name = "InvalidMessage";
    this.reason = reason;
    this.detail = detail;
  }
}
