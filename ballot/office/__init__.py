"""The acts: one a file, one transaction each, with everything they need handed to them.

    prepare -> backup_server_keys, try_restore -> issue -> seal -> open -> cast ... -> close
            -> decrypt (the server's share, the trustees' shares) -> decide -> declare
            -> call_reballot, where a rule allows it: another programme, which cites this one
    at any stage after seal: publish
    in between, by two people: open early, close early, extend, strike, abandon; by the registrar: reissue, revoke
    e-mail: invite, remind, announce, retry, then send (the worker) and reports; cast, reissue, declare queue their own

Underneath: `secrecy` (what sealing would give away), `lifecycle` (states and moves: one table), `chronicle` (a
programme's logs held, its events written), `archives` (what is appended to a `.bel`), `programme_files` (folder and
roll held against each other), `admission` (may this practice cast now?), `sealed` (what sealing fixed, read again),
`server_keys` (the server's own decryption keys, in a file), `errors` (every refusal, by its word). For e-mail:
`recipients` (whom it is for), `queueing` (into the outbox, in the act's own transaction), `compose` (from a row of
the outbox to its words), `voting_links` (the links, while the registrar is unlocked). Only read: `board`, `entry`
(what the holder of a token finds), `links`, `outbox`.
"""
