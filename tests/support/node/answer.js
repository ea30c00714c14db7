// What is served: a page for GET, and for POST, when all of it has come, the number of its octets.
'use strict';

// An exchange has the request's `method` and `content` (a readable stream), `gone()`, which tells
// that its HTTP/2 stream is closed, and `respond(status, fields, body)`.
module.exports = function (page) {
  return function (exchange) {
    var octets = 0;
    exchange.content.on('data', function (chunk) {
      octets += chunk.length;
    });
    exchange.content.on('end', function () {
      if (exchange.gone()) {
        return; // these servers throw when something is sent on a closed stream
      }
      var body = page;
      if (exchange.method === 'POST') {
        body = new Buffer('received ' + octets + ' octets\n');
      }
      var fields = { 'content-type': 'text/html', 'content-length': String(body.length) };
      exchange.respond(200, fields, exchange.method === 'HEAD' ? null : body);
    });
  };
};
