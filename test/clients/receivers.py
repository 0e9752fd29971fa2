"""A server as Python has it, with the protocol that it is told: answers with the length of what it read, and says its port."""
import http.server
import ssl
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = sys.argv[1]

    def do_POST(self):
        length = str(len(self.rfile.read(int(self.headers["content-length"])))).encode()
        if self.path == "/error":
            self.send_error(418, "No coffee")
            return
        if self.path == "/empty":
            self.send_response(204)
            self.end_headers()
            return
        self.send_response(200)
        if self.path == "/sized":
            self.send_header("content-length", str(len(length)))
        elif self.path == "/chunked":
            self.send_header("transfer-encoding", "chunked")
            length = b"%x\r\n%s\r\n0\r\n\r\n" % (len(length), length)
        else:
            self.close_connection = True
        self.end_headers()
        self.wfile.write(length)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
