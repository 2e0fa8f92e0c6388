// A real Bluesky PDS with an in-memory PLC directory, on the loopback interface only.
// usage: node start.mjs <modules folder> <data folder> <pds port> <plc port>; prints "ready"; ends with its stdin.
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import net from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

// Neither server has a setting for its address and both would listen on every interface.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...rest) {
  const callback = rest.find((one) => typeof one === 'function')
  return listen.call(this, { port: Number(port), host: '127.0.0.1' }, callback)
}

const [modules, data, pdsPort, plcPort] = process.argv.slice(2)
const require = createRequire(pathToFileURL(join(modules, 'here.js')))
const { PDS, envToCfg, envToSecrets } = await import(pathToFileURL(require.resolve('@atproto/pds')))
const { Database, PlcServer } = require('@did-plc/server')

const hex = () => randomBytes(32).toString('hex')
const env = {
  port: Number(pdsPort),
  hostname: 'localhost',
  devMode: true,
  dataDirectory: data,
  blobstoreDiskLocation: join(data, 'blobs'),
  blobstoreDiskTmpLocation: join(data, 'blobs-tmp'),
  didPlcUrl: `http://127.0.0.1:${plcPort}`,
  inviteRequired: false,
  disableSsrfProtection: true,
  serviceHandleDomains: ['.test'],
  adminPassword: hex(),
  jwtSecret: process.env.JWT_SECRET, // the tests sign expired tokens with it
  dpopSecret: hex(),
  plcRotationKeyK256PrivateKeyHex: hex(),
  crawlers: [],
}
const plc = PlcServer.create({ db: Database.mock(), port: Number(plcPort) })
await plc.start()
const pds = await PDS.create(envToCfg(env), envToSecrets(env))
await pds.start()
console.log('ready')
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
