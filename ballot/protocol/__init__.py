"""The Belenios voting protocol, as released in 3.3.0 (protocol version 1, group Ed25519).

Pure: no file, no clock, no network, no randomness of its own. The only room that knows alpha and beta.
The module for each section of doc/specification.tex:

| section                                              | module         |
|------------------------------------------------------|----------------|
| Introduction; the version followed                   | `spec`         |
| Messages, Conventions                                | `canonical`    |
| Messages, Basic types: hashes                        | `hashing`      |
| Groups                                               | `group`        |
| Groups: libsodium, and the oldest version accepted   | `sodium`       |
| Groups: which implementations this machine has       | `backends`     |
| Groups: in Python alone                              | `pure`         |
| Groups: in this project's C, where it was built      | `native`       |
| Groups: two of them compared with each other         | `crosscheck`   |
| Groups: the curve in Python's integers (RFC 8032)    | `edwards`      |
| (signatures of the record's roles, RFC 8032)         | `eddsa`        |
| Common structures: ciphertext                        | `elgamal`      |
| Verification keys (pok); Proofs of interval membership; Proofs of possibly-blank votes | `proofs` |
| Signatures; Signing                                  | `signatures`   |
| Public key infrastructure; Certificates; Channels    | `pki`          |
| Filling in the trustees structure; Polynomials; Vinputs; Voutputs | `ceremony` |
| Verification keys; Threshold parameters; Trustees    | `trustees`     |
| Credentials                                          | `credentials`  |
| Questions; Encrypted answers                         | `questions`    |
| Elections                                            | `elections`    |
| Ballots; Processes, Vote                             | `ballots`      |
| (cast or audit: a spoilt paper opened)               | `openings`     |
| Encrypted tally; Tallied ballots                     | `tally`        |
| Partial decryptions                                  | `decryption`   |
| (strong proofs of decryption, outside the archive)   | `strong_decryption` |
| (before sealing: can every saved key decrypt?)       | `trial_decryption` |
| Election result                                      | `results`      |
| Public data: events                                  | `events`       |
| Public data: archive                                 | `archive`      |
| what can be wrong with any of these                  | `errors`       |

Not here: non-homomorphic and list questions, shuffles, finite-field groups. They are refused as unsupported.

Names: readable signatures, mathematical bodies; the letters (A, B, S, y, q, ...) are the specification's.
"""
