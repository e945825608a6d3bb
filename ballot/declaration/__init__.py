"""The declaration: what a published record says was decided, for people. Made from the record alone, by anybody.

| what                                              | module        |
|---------------------------------------------------|---------------|
| the record is verified first, or nothing is said  | `read`        |
| from the record's files to the model              | `tell`        |
| the model: one object for page, paper and data    | `model`       |
| the pictures, as exact fractions of a bar         | `bars`        |
| the level of support, by practices and by weight  | `support`     |
| counts with the labels of the paper               | `tables`      |
| as JSON, CSV, plain text                          | `as_json`, `as_csv`, `as_text` |
| as PDF, with its pictures                         | `as_pdf` |
| the board's signature over the PDF                | `signature`   |
| all of it in one .zip, for the merger application | `evidence`    |

No web framework, no database; only `as_pdf` needs Typst.
"""
