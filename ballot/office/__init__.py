"""What the office does to a programme, one transaction at a time, with everything that it needs handed to it.

    prepare -> backup_server_keys, try_restore -> Issue -> Seal -> open_on_time -> cast ... -> close_on_time
            -> GiveShare (the server's share, the trustees' shares) -> Decide -> Declare
            -> CallReballot, where a rule allows it: another programme, which cites this one
    at any stage after Seal: publish
    in between, by two people: OpenEarly, CloseEarly, Extend, Strike, ChangeContact, Abandon; by the registrar: Reissue,
    Revoke. These classes are in `acts`; `perform` alone carries them out
    e-mail: invite, remind, announce, retry, then send (the worker) and reports; cast, Reissue, Declare queue their own

Underneath: `secrecy` (what sealing would give away), `lifecycle` (states and moves: one table), `chronicle` (a
programme's logs held, its events written), `archives` (what is appended to a `.bel`), `programme_files` (folder and
roll held against each other), `admission` (may this practice cast now?), `sealed` (what sealing fixed, read again),
`server_keys` (the server's own decryption keys, in a file), `errors` (every refusal, by its word). For e-mail:
`recipients` (whom it is for), `queueing` (into the outbox, in the act's own transaction), `compose` (from a row of
the outbox to its words), `voting_links` (the links, while the registrar is unlocked). Only read: `board`, `entry`
(what the holder of a token finds), `links`, `outbox`.
"""
