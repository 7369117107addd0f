"""Tries out a receiver that answers 200 to whatever comes: careless_receiver.py PROGRAM SECRET

Runs `PROGRAM partner-kit send` against itself, and ends as that ends.
"""

import http.server
import subprocess
import sys
import threading


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: careless_receiver.py PROGRAM SECRET")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}/hook"
    sys.exit(subprocess.run([sys.argv[1], "partner-kit", "send", address, "--secret", sys.argv[2]]).returncode)


if __name__ == "__main__":
    main()
