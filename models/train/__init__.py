"""How the hazard models of this project are made. Never needed at run time; see README.md."""
