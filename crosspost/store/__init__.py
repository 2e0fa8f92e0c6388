"""The one database: tables, queries by name, migrations. Nothing outside this folder writes SQL."""
