// Serves with the http2 module that Node.js has of its own:
//
//     node today.js HOST PORT PAGE [KEY CHAIN]
//
// PAGE is the file that GET is answered with, and KEY and CHAIN are PEM files, for TLS.
'use strict';

const fs = require('fs');
const http2 = require('http2');

const [host, port, file, key, chain] = process.argv.slice(2);
const page = fs.readFileSync(file);

function answer(request, response) {
  let octets = 0;
  request.on('data', (chunk) => {
    octets += chunk.length;
  });
  request.on('end', () => {
    const body = request.method === 'POST' ? Buffer.from(`received ${octets} octets\n`) : page;
    response.writeHead(200, { 'content-type': 'text/html', 'content-length': body.length });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
}

const server = key
  ? http2.createSecureServer({ key: fs.readFileSync(key), cert: fs.readFileSync(chain) }, answer)
  : http2.createServer({}, answer);
server.listen(Number(port), host);
