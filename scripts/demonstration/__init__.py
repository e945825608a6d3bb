"""What `make demo` and `make bench` are made of: voters, trustees, the app in a process, the table. Not the product."""
