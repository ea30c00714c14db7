// The servers by version: most have an HTTP server of their own, one only the protocol below it.
'use strict';

var net = require('net');
var tls = require('tls');

// Tokens of the versions whose package does not choose them by ALPN itself.
var ALPN = { 'draft-04': 'HTTP-draft-04/2.0', 'draft-12': 'h2-12' };

function ignore() {}

// A stream tells of its error after it has sent it to the client: nothing is left to do. Where an
// error of the connection ends what it sends with GOAWAY, these packages leave closing to us.
function watch(endpoint) {
  endpoint.on('stream', function (stream) {
    stream.on('error', ignore);
  });
  endpoint.on('error', ignore);
  endpoint._serializer.on('end', function () {
    endpoint.push(null);
  });
}

// The package's own server, over TLS if there is `pem`.
function ownServer(http2, pem, answer) {
  var server = pem ? http2.createServer(pem)
    : http2.raw ? http2.raw.createServer({}) : http2.createServer({ plain: true });
  server.on('connection', function (socket, endpoint) {
    if (endpoint) { // there is none for HTTP/1.1, which they fall back to over TLS
      watch(endpoint);
    }
  });
  server.on('request', function (request, response) {
    answer({
      method: request.method,
      content: request,
      gone: function () {
        return Boolean(request.stream) && request.stream.state === 'CLOSED';
      },
      respond: function (status, fields, body) {
        response.writeHead(status, fields);
        response.end(body || undefined);
      }
    });
  });
  return server._server; // the one of net or https
}

// A server of ours that hands over what it accepts, over TLS if there is `pem`.
function ourServer(token, pem, start) {
  if (!pem) {
    return net.createServer(start);
  }
  return tls.createServer({ key: pem.key, cert: pem.cert, ALPNProtocols: [token] }, start);
}

var OF_HTTP1 = ['connection', 'host', 'keep-alive', 'proxy-connection', 'transfer-encoding',
  'upgrade'];

// What makes fields malformed, of a request or of its trailers.
function forbidden(fields) {
  return Object.keys(fields).some(function (name) {
    return name !== name.toLowerCase() || OF_HTTP1.indexOf(name) >= 0 ||
      (name === 'te' && fields[name] !== 'trailers');
  });
}

// Other names that start with a colon are to be ignored in the version that this serves.
function malformed(fields) {
  var needed = [':method', ':scheme', ':path'];
  return forbidden(fields) || needed.some(function (name) {
    return typeof fields[name] !== 'string' || fields[name] === '';
  });
}

// The protocol of one connection, without a server around it.
function startEndpoint(protocol, answer, socket) {
  var log = { child: function () { return log; } };
  ['fatal', 'error', 'warn', 'info', 'debug', 'trace'].forEach(function (level) {
    log[level] = ignore;
  });
  var endpoint = new protocol.Endpoint(log, 'SERVER', {});
  watch(endpoint);
  endpoint.pipe(socket).pipe(endpoint);
  endpoint.on('stream', function (stream) {
    stream.once('headers', function (fields) {
      if (malformed(fields)) {
        stream.reset('PROTOCOL_ERROR');
        return;
      }
      stream.on('headers', function (trailers) {
        if (forbidden(trailers)) {
          stream.reset('PROTOCOL_ERROR');
        }
      });
      answer({
        method: fields[':method'],
        content: stream,
        gone: function () {
          return stream.state === 'CLOSED';
        },
        respond: function (status, more, body) {
          more[':status'] = String(status);
          stream.headers(more);
          stream.end(body || undefined);
        }
      });
    });
  });
}

// A net.Server or tls.Server that speaks the version; the package of its name is in `folder`.
exports.open = function (version, folder, pem, answer) {
  var library = require(folder);
  if (library.Endpoint && !library.createServer) {
    return ourServer(ALPN[version], pem, function (socket) {
      startEndpoint(library, answer, socket);
    });
  }
  if (pem && ALPN[version]) {
    var server = ownServer(library, null, answer);
    return ourServer(ALPN[version], pem, function (socket) {
      server.emit('connection', socket);
    });
  }
  return ownServer(library, pem, answer);
};
