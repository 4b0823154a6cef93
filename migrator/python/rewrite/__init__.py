"""What changes Python files: operations tied to places, and the one LibCST transformer that carries them out."""
