"""NHS files to a roll of member practices, with every refusal explained by file, line and column.

This room does no input or output: bytes go in, a `Roll` or an `InvalidRoll` with all problems comes out. Nothing is
ever half imported, and whatever the bytes are, only `InvalidRoll` is raised.

| modules | what they do |
|---|---|
| `read` | recognises the file, and joins members with list sizes |
| `simple`, `epraccur`, `list_sizes` | the formats: our CSV, and the two files of the NHS |
| `unpack`, `text`, `rows` | what is compressed; bytes to text; text to cells, and the names of columns |
| `codes`, `cells`, `addresses`, `localities` | one cell each |
| `membership`, `weighable` | a file as a whole; can this roll be weighed by list size? |
| `compare` | two rolls compared |
| `partners` | the core partners of PCNs, from the ODS export |
| `persons` | a roll of persons: random codes, and salts for the commitments to their names |
| `problems`, `member` | what is refused and how it is worded; what comes out |

    roll = read_files(RollFile("epraccur.csv", data), ["00Q", "00R"], RollFile("gp-reg-pat-prac-all.csv", lists))
    for member in roll.of("00Q"):
        print(member.practice, member.list_size)

Not done here: weights and bands (constitution), who may vote (office), sending (mail). Codes are text, never a number.
"""
