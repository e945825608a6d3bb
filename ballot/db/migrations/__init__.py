"""Alembic migrations, one file per change of the tables; run by ballot.db.upgrade."""
