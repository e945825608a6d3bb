"""The declaration: what a published record says was decided, for people. Anyone can make it, from the record alone.

| what                                              | module        |
|---------------------------------------------------|---------------|
| verify the record first, or say nothing           | `read`        |
| from the record's files to the model              | `tell`        |
| the model: one object for page, PDF and data      | `model`       |
| the pictures, as exact fractions of a bar         | `bars`        |
| the level of support, and tables of counts        | `support`     |
| as JSON, CSV, plain text                          | `as_json`, `as_csv`, `as_text` |
| as PDF, with its pictures                         | `as_pdf`      |
| the board's signature over the PDF                | `signature`   |
| all of it in one .zip, for the merger application | `evidence`    |
| the scrutineer's report: what the record proves   | `scrutiny_record` |
| what rests on the office's word                   | `office_figures` |
| the statements of satisfaction, and their checks  | `statements`  |
| the report, its signature, and checking it        | `scrutiny`    |
| the report for people: text; as PDF               | `scrutiny_sections`, `scrutiny_pdf` |

No web framework, no database; only `as_pdf` and `scrutiny_pdf` need Typst.
"""
