// Serves one version of HTTP/2 on a free port of the loopback, and prints the port once it listens:
//
//     node serve.js VERSION PACKAGES PAGE [KEY CHAIN]
//
// VERSION is the document's name, PACKAGES the node_modules that `install` made, PAGE the file that
// GET is answered with, and KEY and CHAIN are PEM files, for TLS. Old Node.js runs this: ES5 only.
'use strict';

var domain = require('domain');
var fs = require('fs');
var path = require('path');

var answering = require('./answer');
var peers = require('./peers');

var version = process.argv[2];
var packages = process.argv[3];
var answer = answering(fs.readFileSync(process.argv[4]));
var pem = process.argv.length < 7 ? null : {
  key: fs.readFileSync(process.argv[5]),
  cert: fs.readFileSync(process.argv[6])
};

// What is thrown while a connection is served would end the process, and with it all the other
// connections. It ends that connection alone, so that nobody pays for what another one sent.
function contain(server, event) {
  var listeners = server.listeners(event).slice();
  server.removeAllListeners(event);
  server.on(event, function (socket) {
    var connection = domain.create();
    connection.on('error', function (error) {
      console.error(error.stack || String(error));
      socket.destroy();
    });
    connection.add(socket);
    connection.run(function () {
      listeners.forEach(function (listener) {
        listener.call(server, socket);
      });
    });
  });
}

var server = peers.open(version, path.join(packages, version), pem, answer);
contain(server, pem ? 'secureConnection' : 'connection');
server.listen(0, '127.0.0.1', function () {
  console.log(server.address().port);
});
