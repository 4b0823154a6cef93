import os

MODE = os.environ.get("SERVER_MODE", "stdio").lower()
PORT = int(os.environ.get("PORT", "8080"))
