// Checks what DIDs of machines resolve to with tools that know nothing of this chain: a generic
// validator of W3C DID Core documents, a DID parser, a JSON-LD processor in safe mode, and readers of
// multibase, multicodec and CIDs.
//
// Usage: node check.mjs FOLDER
//        node check.mjs http://127.0.0.1:9944 did:dam:dev:0 did:dam:dev:1
//
// With a folder: every file in it is a DID resolution result, as `cargo run -p dam-primitives
// --example did-documents -- FOLDER` writes them. With a node: resolves the DIDs, which must exist, by
// `dam_resolveDid`, and sends what must be refused. Ends with status 1 and every reason if anything is
// not as the standards have it.
//
// Before that, it breaks a valid document in many ways, and ends with status 1 if a broken one passes.

import assert from 'node:assert/strict';
import { createHash, ECDH } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import multikeyContext from '@digitalbazaar/multikey-context';
import canonicalize from 'canonicalize';
import didContext from 'did-context';
import { parse as parseDid } from 'did-resolver';
import jsonld from 'jsonld';
import { CID, varint } from 'multiformats';
import { base58btc } from 'multiformats/bases/base58';
import * as valibot from 'valibot';
import { DidDocumentSchema } from 'web-identity-schemas/valibot';

const RELATIONSHIPS = ['authentication', 'assertionMethod', 'keyAgreement', 'capabilityInvocation',
	'capabilityDelegation'];
const MATERIAL = ['publicKeyJwk', 'publicKeyMultibase'];
// Everything that DID Core 1.0 gives a meaning at the root of a document.
const ROOT = ['@context', 'id', 'alsoKnownAs', 'controller', 'verificationMethod', 'service',
	...RELATIONSHIPS];
// Multicodec code of a public key: its name in the multicodec table, and its length.
const KEYS = new Map([[0xe7, ['secp256k1-pub', 33]], [0xed, ['ed25519-pub', 32]],
	[0xef, ['sr25519-pub', 32]]]);
// DID Core 1.0, 7.1.2, and DID Resolution.
const ERRORS = ['invalidDid', 'notFound', 'representationNotSupported', 'methodNotSupported'];
// What a folder must have: a test over nothing proves nothing.
const SAMPLES = ['active', 'suspended', 'frozen', 'retired', 'sr25519', 'secp256k1',
	'several-keys-and-services', 'not-found'];

// ---- The layers. Each throws if the document is not as it should be.

// DID Core 1.0, chapters 3 to 6, as a schema.
function dataModel(document) {
	const { issues } = valibot.safeParse(DidDocumentSchema, document);
	if (issues)
		throw new Error(issues.map((issue) =>
			`${valibot.getDotPath(issue) ?? 'document'}: ${issue.message}`).join('; '));
}

// The ABNF of DIDs and DID URLs, wherever one must stand.
function syntax(document) {
	const isDid = (text) => parseDid(text)?.didUrl === text && parseDid(text).did === text;
	const isPart = (text) => parseDid(text)?.did === document.id && Boolean(parseDid(text).fragment);
	assert.ok(isDid(document.id), `not a DID: ${document.id}`);
	for (const controller of [document.controller ?? []].flat())
		assert.ok(isDid(controller), `controller: not a DID: ${controller}`);
	for (const method of methods(document)) {
		assert.ok(isPart(method.id), `not a DID URL of the subject: ${method.id}`);
		assert.ok(isDid(method.controller), `not a DID: ${method.controller}`);
	}
	for (const name of RELATIONSHIPS)
		for (const reference of references(document, name))
			assert.ok(isPart(reference), `${name}: not a DID URL of the subject: ${reference}`);
	for (const { id } of document.service ?? [])
		assert.ok(isPart(id), `not a DID URL of the subject: ${id}`);
}

// What DID Core says in words only: sets, references, one key each, normalized endpoints.
function rules(document) {
	const unknown = Object.keys(document).filter((name) => !ROOT.includes(name));
	assert.deepEqual(unknown, [], 'properties that DID Core does not define');
	for (const name of ['verificationMethod', 'service', ...RELATIONSHIPS]) {
		const ids = (document[name] ?? []).map((item) => item.id ?? item);
		assert.equal(new Set(ids).size, ids.length, `${name}: an item stands there twice`);
		assert.ok(document[name] === undefined || ids.length > 0, `${name}: an empty set`);
	}
	const known = methods(document).map((method) => method.id);
	for (const name of RELATIONSHIPS)
		for (const reference of references(document, name))
			assert.ok(known.includes(reference), `${name}: nothing has the id ${reference}`);
	for (const method of methods(document)) {
		const material = MATERIAL.filter((name) => name in method);
		assert.equal(material.length, 1, `${method.id}: not one key but ${material.length}`);
		assert.ok(!('secretKeyMultibase' in method), `${method.id}: a secret key`);
	}
	for (const { id, serviceEndpoint } of document.service ?? []) {
		assert.equal(typeof serviceEndpoint, 'string', `${id}: the endpoint is no text`);
		// In a query, URLs of the web escape this character and URIs do not.
		const [normal, given] = [new URL(serviceEndpoint).href, serviceEndpoint]
			.map((text) => text.replaceAll('\'', '%27'));
		assert.equal(normal, given, `${id}: not normalized`);
	}
}

// Controlled Identifiers 1.0, Multikey: a multicodec of a public key, whole, of the right length.
function multikeys(document) {
	for (const { id, publicKeyMultibase } of methods(document)) {
		const bytes = base58btc.decode(publicKeyMultibase);
		const [code, prefix] = varint.decode(bytes);
		assert.ok(KEYS.has(code), `${id}: 0x${code.toString(16)} is no public key of this method`);
		const [name, length] = KEYS.get(code);
		const key = bytes.slice(prefix);
		assert.equal(key.length, length, `${id}: length of a ${name}`);
		// Throws for what is no point of the curve.
		if (name === 'secp256k1-pub') ECDH.convertKey(key, 'secp256k1', null, null, 'compressed');
	}
}

// JSON-LD 1.1: nothing is dropped, no term is undefined, nothing is fetched.
async function linkedData(document) {
	const options = { documentLoader: loadContext, safe: true };
	const [subject, ...others] = await jsonld.expand(document, options);
	assert.deepEqual(others, [], 'more than one subject');
	// Every property of the document is one of the graph; contexts and ids are none.
	const count = (name) => Object.keys(document).filter((known) => known !== name).length;
	assert.equal(Object.keys(subject).length, count('@context'), 'properties were lost');
	const types = (property) => (subject[property] ?? []).map((node) => node['@type']?.[0]);
	for (const type of types('https://w3id.org/security#verificationMethod'))
		assert.equal(type, 'https://w3id.org/security#Multikey');
	for (const type of types('https://www.w3.org/ns/did#service'))
		assert.equal(type, 'https://schema.org/Offer');
	const statements = await jsonld.canonize(document, { ...options, algorithm: 'RDFC-1.0' });
	if (subject['https://w3id.org/security#verificationMethod'])
		assert.match(statements, /publicKeyMultibase> "z[1-9A-HJ-NP-Za-km-z]+"\^\^<[^>]+multibase>/);
}

// Offers: a price that a machine can read, and a description by content.
function offers(document) {
	for (const { id, type, category, priceSpecification, subjectOf } of document.service ?? []) {
		assert.equal(type, 'MachineService', id);
		assert.match(category, /^[a-z]+$/, id);
		assert.equal(priceSpecification.type, 'UnitPriceSpecification', id);
		assert.match(priceSpecification.price, /^(0|[1-9]\d*)(\.\d{0,5}[1-9])?$/, id);
		assert.ok(Number(priceSpecification.price) > 0, `${id}: free of charge`);
		assert.equal(priceSpecification.priceCurrency, 'USDT', id);
		// UN/CEFACT Recommendation 20.
		assert.match(priceSpecification.unitCode, /^[A-Z0-9]{2,3}$/, id);
		if (subjectOf !== undefined) {
			const cid = subjectOf.replace(/^ipfs:\/\//, '');
			assert.equal(CID.parse(cid).toString(), cid, id);
		}
	}
}

const LAYERS = { dataModel, syntax, rules, multikeys, linkedData, offers };

const methods = (document) => document.verificationMethod ?? [];
const references = (document, name) =>
	(document[name] ?? []).filter((item) => typeof item === 'string');

async function loadContext(url) {
	const found = [didContext, multikeyContext].find(({ contexts }) => contexts.has(url));
	if (!found) throw new Error(`a context from elsewhere: ${url}`);
	return { documentUrl: url, document: found.contexts.get(url), contextUrl: null };
}

// Which layers refuse a document, and why.
async function refusals(document) {
	const refused = {};
	for (const [name, layer] of Object.entries(LAYERS)) {
		try {
			await layer(structuredClone(document));
		} catch (error) {
			refused[name] = (error.message ?? String(error)).split('\n')[0] +
				(error.details?.event ? ` ${JSON.stringify(error.details.event.details)}` : '');
		}
	}
	return refused;
}

// A whole DID resolution result: DID Core 1.0, chapter 7.1.
async function checkResult(result) {
	assert.deepEqual(Object.keys(result).sort(),
		['didDocument', 'didDocumentMetadata', 'didResolutionMetadata']);
	const { didDocument, didDocumentMetadata, didResolutionMetadata } = result;
	if (didResolutionMetadata.error !== undefined) {
		assert.ok(ERRORS.includes(didResolutionMetadata.error), didResolutionMetadata.error);
		assert.equal(didDocument, null);
		assert.deepEqual(didDocumentMetadata, {});
		return;
	}
	assert.deepEqual(didResolutionMetadata, { contentType: 'application/did+ld+json' });
	const refused = await refusals(didDocument);
	assert.deepEqual(refused, {}, 'the document was refused');

	const { deactivated, versionId, ...others } = didDocumentMetadata;
	assert.deepEqual(others, {});
	assert.equal(typeof deactivated, 'boolean');
	// Whoever is retired is controlled by itself, without a key: by nobody.
	if (deactivated) {
		assert.deepEqual(Object.keys(didDocument).sort(), ['@context', 'controller', 'id']);
		assert.equal(didDocument.controller, didDocument.id);
	} else assert.match(didDocument.controller, /^did:pkh:polkadot:[0-9a-f]{32}:[1-9A-HJ-NP-Za-km-z]+$/);
	// The second half is the multihash of the document: SHA-256 of its form by RFC 8785.
	const [, hash] = versionId.match(/^(?:0|[1-9]\d*)-([1-9A-HJ-NP-Za-km-z]+)$/) ?? [];
	const digest = createHash('sha256').update(canonicalize(didDocument)).digest();
	const expected = base58btc.baseEncode(Buffer.concat([Buffer.from([0x12, 0x20]), digest]));
	assert.equal(hash, expected, 'versionId is not that of the document');
}

// ---- Does the check refuse anything at all?

// Valid, and not by this chain.
const VALID = {
	'@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1',
		{ MachineService: 'https://schema.org/Offer',
			UnitPriceSpecification: 'https://schema.org/UnitPriceSpecification',
			category: 'https://schema.org/category',
			priceSpecification: 'https://schema.org/priceSpecification',
			price: 'https://schema.org/price', priceCurrency: 'https://schema.org/priceCurrency',
			unitCode: 'https://schema.org/unitCode' }],
	id: 'did:example:123',
	controller: 'did:example:456',
	verificationMethod: [
		{ id: 'did:example:123#a', type: 'Multikey', controller: 'did:example:123',
			publicKeyMultibase: 'z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK' },
		{ id: 'did:example:123#b', type: 'Multikey', controller: 'did:example:123',
			publicKeyMultibase: 'zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme' }],
	authentication: ['did:example:123#a'],
	service: [{ id: 'did:example:123#s', type: 'MachineService',
		serviceEndpoint: 'https://example.org/', category: 'charging',
		priceSpecification: { type: 'UnitPriceSpecification', price: '0.35', priceCurrency: 'USDT',
			unitCode: 'KWH' } }],
};

// What is wrong, which layer must see it, and how to bring it about.
const BROKEN = [
	['no id', 'dataModel', (d) => delete d.id],
	['an id that is no DID', 'dataModel', (d) => { d.id = 'did:EXAMPLE:1'; }],
	['an id that is a DID URL', 'syntax', (d) => { d.id += '#a'; }],
	['another first context', 'dataModel', (d) => d['@context'].reverse()],
	['no context', 'dataModel', (d) => delete d['@context']],
	['a controller that is an address', 'dataModel', (d) => { d.controller = '5GrwvaEF'; }],
	['a method without an id', 'dataModel', (d) => delete d.verificationMethod[0].id],
	['a method without a type', 'dataModel', (d) => delete d.verificationMethod[0].type],
	['a method without a controller', 'dataModel', (d) => delete d.verificationMethod[0].controller],
	['a method without a key', 'dataModel', (d) => delete d.verificationMethod[0].publicKeyMultibase],
	['a method that is the subject', 'syntax', (d) => { d.verificationMethod[0].id = d.id; }],
	['a method of another subject', 'syntax',
		(d) => { d.verificationMethod[0].id = 'did:example:9#a'; }],
	['a method twice', 'rules', (d) => d.verificationMethod.push(d.verificationMethod[0])],
	['two keys in one', 'rules', (d) => { d.verificationMethod[0].publicKeyJwk = { kty: 'OKP' }; }],
	['a secret key', 'rules', (d) => { d.verificationMethod[0].secretKeyMultibase = 'z1'; }],
	['a set that is none', 'dataModel', (d) => { d.authentication = 'did:example:123#a'; }],
	['an empty set', 'rules', (d) => { d.assertionMethod = []; }],
	['a reference to nothing', 'rules', (d) => d.authentication.push('did:example:123#c')],
	['a reference twice', 'rules', (d) => d.authentication.push(d.authentication[0])],
	['a service without an id', 'dataModel', (d) => delete d.service[0].id],
	['a service without a type', 'dataModel', (d) => delete d.service[0].type],
	['a service without an endpoint', 'dataModel', (d) => delete d.service[0].serviceEndpoint],
	['an endpoint that is no URI', 'dataModel', (d) => { d.service[0].serviceEndpoint = 'here'; }],
	['an endpoint with capitals', 'rules',
		(d) => { d.service[0].serviceEndpoint = 'https://Example.org/'; }],
	['a service twice', 'rules', (d) => d.service.push(d.service[0])],
	['a property of nobody', 'rules', (d) => { d.owner = 'did:example:456'; }],
	['a term without a definition', 'linkedData', (d) => { d.service[0].colour = 'red'; }],
	['a type without a definition', 'linkedData', (d) => { d.service[0].type = 'Shop'; }],
	['a definition left out', 'linkedData', (d) => delete d['@context'][2].price],
	['a protected term defined anew', 'linkedData', (d) => { d['@context'][2].id = 'urn:x:id'; }],
	['nothing but an id', 'linkedData',
		(d) => Object.keys(d).slice(2).forEach((name) => delete d[name])],
	['no context for keys', 'linkedData', (d) => d['@context'].splice(1, 1)],
	['a context from elsewhere', 'linkedData', (d) => d['@context'].push('https://example.org/v1')],
	['a key in another base', 'dataModel',
		(d) => { d.verificationMethod[0].publicKeyMultibase = 'uABCD'; }],
	['a key with a letter changed', 'multikeys',
		(d) => { d.verificationMethod[1].publicKeyMultibase =
			d.verificationMethod[1].publicKeyMultibase.replace('shok', 'shoo'); }],
	['a key cut short', 'multikeys',
		(d) => { d.verificationMethod[0].publicKeyMultibase =
			d.verificationMethod[0].publicKeyMultibase.slice(0, -1); }],
	['a key of another kind', 'multikeys',
		(d) => { d.verificationMethod[0].publicKeyMultibase =
			base58btc.encode(Uint8Array.from([0xec, 0x01, ...new Uint8Array(32)])); }],
	['a price of nothing', 'offers', (d) => { d.service[0].priceSpecification.price = '0'; }],
];

async function checkTheCheck() {
	assert.deepEqual(await refusals(VALID), {}, 'a valid document was refused');
	for (const [what, layer, damage] of BROKEN) {
		const document = structuredClone(VALID);
		damage(document);
		const refused = await refusals(document);
		assert.ok(refused[layer], `${layer} let through ${what}: ${JSON.stringify(refused)}`);
	}
	console.log(`the check itself refuses ${BROKEN.length} broken documents, each where it should`);
}

// ---- Where results come from.

async function checkFolder(folder) {
	const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
	const missing = SAMPLES.filter((name) => !files.includes(`${name}.json`));
	assert.deepEqual(missing, [], `${folder}: samples are missing`);
	for (const file of files)
		await report(basename(file, '.json'), async () => {
			const result = JSON.parse(await readFile(join(folder, file), 'utf8'));
			await checkResult(result);
			return result;
		});
}

async function checkNode(url, dids) {
	const call = async (method, ...params) => {
		const response = await fetch(url.replace(/^ws/, 'http'), {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
			signal: AbortSignal.timeout(60_000),
		});
		return response.json();
	};
	const answer = async (method, ...params) => {
		const { result, error } = await call(method, ...params);
		assert.equal(error, undefined, `${method} ${JSON.stringify(params)}`);
		return result;
	};
	const genesis = await answer('chain_getBlockHash', 0);
	for (const did of dids)
		await report(did, async () => {
			const result = await answer('dam_resolveDid', did);
			await checkResult(result);
			assert.equal(result.didDocument?.id, did, 'not found');
			const { deactivated } = result.didDocumentMetadata;
			// CAIP-2, namespace polkadot: the first half of the genesis hash.
			if (!deactivated)
				assert.equal(result.didDocument.controller.split(':')[3], genesis.slice(2, 34));
			// What is final stays what it is.
			const at = await answer('chain_getFinalizedHead');
			const pinned = await answer('dam_resolveDid', did, at);
			assert.deepEqual(await answer('dam_resolveDid', did, at), pinned);
			await checkResult(pinned);
			return result;
		});
	const own = dids[0].split(':').slice(0, 3).join(':');
	await report('a machine that is not registered', async () => {
		const result = await answer('dam_resolveDid', `${own}:18446744073709551615`);
		await checkResult(result);
		assert.equal(result.didResolutionMetadata.error, 'notFound');
		return result;
	});
	const refused = [['invalidDid', `${dids[0]}#key-0`], ['invalidDid', `${dids[0]}?versionId=1`],
		['invalidDid', `${dids[0]}/path`], ['invalidDid', `${own}:007`], ['invalidDid', 'machine 7'],
		['methodNotSupported', 'did:example:123'], ['notFound', 'did:dam:another-network:0']];
	for (const [word, did] of refused)
		await report(`${did} is refused`, async () => {
			const { error } = await call('dam_resolveDid', did);
			assert.equal(error?.data?.error, word, JSON.stringify(error));
		});
}

let passed = 0;
let failed = 0;

async function report(name, check) {
	try {
		const result = await check();
		const document = result?.didDocument;
		const parts = document && [`${methods(document).length} keys`,
			`${document.service?.length ?? 0} services`,
			...RELATIONSHIPS.filter((relationship) => relationship in document)];
		console.log(`ok      ${name}${parts ? `: ${parts.join(', ')}` : ''}`);
		passed += 1;
	} catch (error) {
		console.error(`FAILED  ${name}: ${error.message ?? error}`);
		failed += 1;
	}
}

const [source, ...dids] = process.argv.slice(2);
const isNode = /^(https?|wss?):\/\//.test(source ?? '');
if (!source || isNode !== dids.length > 0) {
	console.error('usage: node check.mjs FOLDER\n       node check.mjs http://HOST:PORT DID…');
	process.exit(2);
}
try {
	await checkTheCheck();
	await (isNode ? checkNode(source, dids) : checkFolder(source));
	assert.ok(passed + failed > 0, 'nothing was checked');
} catch (error) {
	console.error(error.stack ?? error);
	failed += 1;
}
console.log(failed === 0 ? `all ${passed} are as W3C has it` : `${failed} of ${passed + failed} FAILED`);
process.exitCode = failed === 0 ? 0 : 1;
