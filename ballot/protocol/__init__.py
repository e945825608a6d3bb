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
| Groups: to_ints, of_ints, get_generator              | `embedding`    |
| Common structures: ciphertext                        | `elgamal`      |
| Verification keys (pok); Proofs of interval membership; of possibly-blank votes; of lists; of non-zero | `proofs` |
| Signatures; Signing                                  | `signatures`   |
| Public key infrastructure; Certificates; Channels    | `pki`          |
| Filling in the trustees structure; Polynomials; Vinputs; Voutputs | `ceremony` |
| Verification keys; Threshold parameters; Trustees    | `trustees`     |
| Credentials                                          | `credentials`  |
| Questions; Encrypted answers: homomorphic            | `questions`    |
| Questions; Encrypted answers: non-homomorphic        | `non_homomorphic` |
| Questions; Encrypted answers: lists                  | `list_questions` |
| Questions; Encrypted answers: whichever it is        | `kinds`        |
| Elections                                            | `elections`    |
| Ballots; Processes, Vote                             | `ballots`      |
| (cast or audit: a spoilt paper opened)               | `openings`     |
| Encrypted tally; Tallied ballots                     | `tally`        |
| Shuffles                                             | `shuffles`     |
| Shuffle algorithms                                   | `shuffle_proofs` |
| Partial decryptions                                  | `decryption`   |
| (strong proofs of decryption, outside the archive)   | `strong_decryption` |
| (before sealing: can every saved key decrypt?)       | `trial_decryption` |
| Election result                                      | `results`      |
| Public data: events                                  | `events`       |
| Public data: archive                                 | `archive`      |
| what can be wrong with any of these                  | `errors`       |

Our own elections ask homomorphic questions only. Shuffles, and the other two kinds of question, are for other people's
archives. Not here: finite-field groups. They are refused as unsupported.

Names: readable signatures, mathematical bodies; the letters (A, B, S, y, q, ...) are the specification's.
"""
