// Reads a running chain the way wallets and explorers do, through polkadot.js.
//
// Usage: node check.mjs ws://127.0.0.1:9944
//
// Decodes the metadata, finds the pallets and calls that this chain is about, reads USDT's
// description and an account, and decodes a whole block. Ends with status 1 and the reason if the
// chain shows anything else than expected.

import assert from 'node:assert/strict';
import { ApiPromise, WsProvider } from '@polkadot/api';

// The well-known development account that the `dev` preset endows.
const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const USDT = 1984;
const PALLETS = ['system', 'timestamp', 'babe', 'grandpa', 'session', 'balances', 'assets',
	'transactionPayment', 'recovery', 'damIdentity', 'freeQuota', 'micropayments',
	'spendingPolicy', 'attestations', 'services'];
// camelCase, as polkadot.js spells them.
const CALLS = [['damIdentity', 'registerFleet'], ['damIdentity', 'rotateKey'],
	['spendingPolicy', 'setPolicy'], ['attestations', 'issueBatch'], ['services', 'offer'], ['micropayments', 'pay'],
	['micropayments', 'payBatch'], ['assets', 'transfer'], ['balances', 'transferKeepAlive']];

async function check(api) {
	const metadata = api.runtimeMetadata;
	const pallets = metadata.asLatest.pallets.map((pallet) => pallet.name.toString());
	console.log(`metadata version ${metadata.version} decodes: ${pallets.length} pallets`);
	console.log(`  ${pallets.join(', ')}`);
	const lower = pallets.map((name) => name[0].toLowerCase() + name.slice(1));
	for (const name of PALLETS) assert.ok(lower.includes(name), `pallet ${name} is missing`);
	for (const [pallet, call] of CALLS)
		assert.ok(api.tx[pallet]?.[call], `call ${pallet}.${call} is missing`);

	const genesis = await api.rpc.chain.getBlockHash(0);
	assert.equal(genesis.toHex(), api.genesisHash.toHex());

	const usdt = await api.query.assets.metadata(USDT);
	const [symbol, decimals] = [usdt.symbol.toUtf8(), usdt.decimals.toNumber()];
	assert.equal(symbol, 'USDT');
	assert.equal(decimals, 6);
	const details = (await api.query.assets.asset(USDT)).unwrap();
	assert.ok(details.isSufficient.isTrue, 'USDT must keep an account alive by itself');
	console.log(`asset ${USDT}: ${symbol}, ${decimals} decimals, supply ${details.supply}`);

	const alice = await api.query.system.account(ALICE);
	assert.ok(alice.data.free.toBigInt() > 0n, 'the development account holds no DAM');
	console.log(`account ${ALICE}: ${alice.data.free} units of DAM, nonce ${alice.nonce}`);

	const { block } = await api.rpc.chain.getBlock(await api.rpc.chain.getFinalizedHead());
	assert.ok(block.extrinsics.length > 0, 'a block without even its time stamp');
	console.log(`final block ${block.header.number} decodes: ${block.extrinsics.length} extrinsics`);

	// The extensions that a signer must know to make a transaction of this chain.
	console.log(`extensions: ${api.registry.signedExtensions.join(', ')}`);
	assert.ok(api.registry.signedExtensions.includes('CheckMetadataHash'));
}

const [url] = process.argv.slice(2);
if (!url) {
	console.error('usage: node check.mjs ws://HOST:PORT');
	process.exit(2);
}
// A test that hangs tells nothing.
const limit = setTimeout(() => {
	console.error(`no answer from ${url} within two minutes`);
	process.exit(1);
}, 120_000);

let api;
try {
	api = await ApiPromise.create({ provider: new WsProvider(url, 1_000, {}, 60_000), noInitWarn: true });
	await check(api);
} catch (error) {
	console.error(`polkadot.js cannot read the chain: ${error.stack ?? error}`);
	process.exitCode = 1;
} finally {
	await api?.disconnect().catch(() => {});
	clearTimeout(limit);
}
process.exit();
