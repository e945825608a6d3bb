"""The acts: one a file, one transaction each, with everything they need handed to them.

    prepare -> backup_server_keys, try_restore -> issue -> seal -> open -> cast ... -> close
            -> decrypt (the server's share, the trustees' shares) -> decide -> declare
    at any stage after seal: publish
    in between, by two people: open early, close early, extend, strike, abandon; by the registrar: reissue, revoke

Underneath: `lifecycle` (states and moves: one table), `chronicle` (a programme's logs held, its events written),
`archives` (what is appended to a `.bel`), `programme_files` (folder and roll held against each other), `admission`
(may this practice cast now?), `sealed` (what sealing fixed, read again), `server_keys` (the server's own decryption
keys, in a file), `errors` (every refusal, by its word). Only read: `board`, `entry` (what the holder of a token
finds), `links`.
"""
