//! A chain in memory: genesis of the development preset, blocks, and signed extrinsics.

use crate::*;
use codec::Encode;
use dam_primitives::{
	registration::RegistrationStatement, rotation::KeyStatement, Intent, KeyRights, MachineId,
	MachineProfile, Payee, Payment, PublicKey, Service, ServiceKind, SignedIntent, Unit,
	USDT_ASSET_ID,
};
use pallet_dam_identity::{NewKey, Registration};
use pallet_dam_traits::Machines;
use sp_core::{sr25519, Pair, H256};
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	generic::Era,
	traits::{Block as BlockT, Header as HeaderT},
	ApplyExtrinsicResult, BuildStorage, Digest, DigestItem,
};

/// A device with an Sr25519 key.
pub fn device(n: u8) -> sr25519::Pair {
	sr25519::Pair::from_seed(&[n; 32])
}

/// The account of a device's key.
pub fn key_of(device: &sr25519::Pair) -> AccountId {
	sp_runtime::MultiSigner::from(device.public()).into_account()
}

/// The owner of all machines in these tests.
pub fn owner() -> AccountId {
	Sr25519Keyring::Alice.to_account_id()
}

/// The state after genesis of the development preset, in its first block.
pub fn new_test_ext() -> TestExternalities {
	let preset = genesis_config_presets::get_preset(&genesis_config_presets::DEVELOPMENT.into())
		.expect("the preset exists");
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).unwrap();
	merge(&mut config, serde_json::from_slice(&preset).unwrap());
	let genesis: RuntimeGenesisConfig = serde_json::from_value(config).unwrap();
	let mut ext = TestExternalities::new(genesis.build_storage().unwrap());
	ext.execute_with(|| start_block(1));
	ext
}

/// Overlays a preset on the default configuration, as the genesis builder does.
fn merge(base: &mut serde_json::Value, patch: serde_json::Value) {
	match (base, patch) {
		(serde_json::Value::Object(base), serde_json::Value::Object(patch)) => {
			for (key, value) in patch {
				merge(base.entry(key).or_insert(serde_json::Value::Null), value);
			}
		},
		(base, patch) => *base = patch,
	}
}

/// Begins block `number`, authored by the only validator.
pub fn start_block(number: BlockNumber) {
	let slot = sp_consensus_babe::Slot::from(u64::from(number));
	let pre_digest = sp_consensus_babe::digests::PreDigest::SecondaryPlain(
		sp_consensus_babe::digests::SecondaryPlainPreDigest { authority_index: 0, slot },
	);
	let digest = Digest {
		logs: alloc::vec![DigestItem::PreRuntime(
			sp_consensus_babe::BABE_ENGINE_ID,
			pre_digest.encode()
		)],
	};
	System::reset_events();
	Executive::initialize_block(&<Header as HeaderT>::new(
		number,
		Default::default(),
		Default::default(),
		System::block_hash(number - 1),
		digest,
	));
}

/// Everything around a call that a signer decides.
pub struct Envelope {
	/// Hash of block 0 that the signer believes in.
	pub genesis: H256,
	/// How long the transaction may be included.
	pub era: Era,
	/// Its number among the signer's.
	pub nonce: Nonce,
	/// Offered to the author.
	pub tip: Balance,
	/// In which asset a fee is paid; DAM without.
	pub fee_asset: Option<u32>,
}

impl Envelope {
	/// What an honest signer uses for its `nonce`th transaction.
	pub fn honest(nonce: Nonce) -> Self {
		Self { genesis: System::block_hash(0), era: Era::Immortal, nonce, tip: 0, fee_asset: None }
	}
}

/// `call`, signed by `signer`.
pub fn sign(
	signer: &sr25519::Pair,
	call: impl Into<RuntimeCall>,
	envelope: Envelope,
) -> UncheckedExtrinsic {
	let call = call.into();
	let Envelope { genesis, era, nonce, tip, fee_asset } = envelope;
	let extension = tx_extension(era, nonce, tip, fee_asset);
	let implicit = (
		(),
		(),
		VERSION.spec_version,
		VERSION.transaction_version,
		genesis,
		genesis,
		(),
		((), ()),
		None,
		(),
	);
	let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
	let signature = payload.using_encoded(|bytes| signer.sign(bytes));
	UncheckedExtrinsic::new_signed(
		call,
		key_of(signer).into(),
		MultiSignature::Sr25519(signature),
		extension,
	)
}

/// Applies an extrinsic as a block author does.
pub fn apply(extrinsic: UncheckedExtrinsic) -> ApplyExtrinsicResult {
	let extrinsic = <Block as BlockT>::Extrinsic::from(extrinsic);
	Executive::apply_extrinsic(extrinsic)
}

/// Registers `device` for [`owner`] and returns its machine's number.
pub fn register(device: &sr25519::Pair) -> MachineId {
	let machine = pallet_dam_identity::NextMachineId::<Runtime>::get();
	let profile = MachineProfile::default();
	let key = PublicKey::Sr25519(device.public().0);
	let expires_at = System::block_number() + 10;
	let genesis = System::block_hash(0).into();
	let statement = RegistrationStatement::new(genesis, owner().into(), key, &profile, expires_at);
	let proof = device.sign(&statement.signing_payload()).into();
	DamIdentity::register(
		RuntimeOrigin::signed(owner()),
		Registration { key, profile, expires_at, proof },
	)
	.unwrap();
	machine
}

/// Sends USDT from the owner to a machine's wallet, as anybody could.
pub fn fund(machine: MachineId, amount: Balance) {
	Assets::transfer_keep_alive(
		RuntimeOrigin::signed(owner()),
		USDT_ASSET_ID.into(),
		DamIdentity::account(machine).into(),
		amount,
	)
	.unwrap();
}

/// USDT of an account.
pub fn usdt(account: &AccountId) -> Balance {
	Assets::balance(USDT_ASSET_ID, account)
}

/// USDT of a machine.
pub fn wallet(machine: MachineId) -> Balance {
	usdt(&DamIdentity::account(machine))
}

/// `pay` to a machine.
pub fn pay(payee: MachineId, amount: Balance) -> RuntimeCall {
	pallet_micropayments::Call::pay { payee: Payee::Machine(payee), amount }.into()
}

/// `pay_batch` of `count` payments to one machine.
pub fn pay_batch(payee: MachineId, amount: Balance, count: u32) -> RuntimeCall {
	let payment = Payment { payee: Payee::Machine(payee), amount };
	let payments = frame_support::BoundedVec::truncate_from(alloc::vec![payment; count as usize]);
	pallet_micropayments::Call::pay_batch { payments }.into()
}

/// The statement with which `device` agrees to act for a machine.
pub fn new_key(
	machine: MachineId,
	device: &sr25519::Pair,
	rights: KeyRights,
) -> NewKey<BlockNumber> {
	let key = PublicKey::Sr25519(device.public().0);
	let expires_at = System::block_number() + 10;
	let genesis = System::block_hash(0).into();
	let statement = KeyStatement::new(genesis, machine, key, rights, expires_at);
	let proof = device.sign(&statement.signing_payload()).into();
	NewKey { key, expires_at, proof }
}

/// `rotate_key` to a new device, with its proof.
pub fn rotate_key(machine: MachineId, device: &sr25519::Pair) -> RuntimeCall {
	let new_key = new_key(machine, device, KeyRights::ALL);
	pallet_dam_identity::Call::rotate_key { machine, new_key }.into()
}

/// `submit` of one intent that `device`, the payment key of `payer`, has signed.
pub fn submit_intent(
	payer: MachineId,
	device: &sr25519::Pair,
	payee: Payee<AccountId>,
	(amount, relay_fee): (u128, u128),
	nonce: u64,
) -> RuntimeCall {
	let payee = match payee {
		Payee::Machine(machine) => Payee::Machine(machine),
		Payee::Account(account) => Payee::Account(account.into()),
	};
	let now = System::block_number();
	let intent =
		Intent { payer, payee, amount, relay_fee, valid_from: now, valid_until: now + 10, nonce };
	let payload = intent.signing_payload(&System::block_hash(0).into());
	let signature = dam_primitives::Signature::Sr25519(device.sign(&payload).0);
	let intents =
		frame_support::BoundedVec::truncate_from(alloc::vec![SignedIntent { intent, signature }]);
	pallet_intents::Call::submit { intents }.into()
}

/// `offer` of a service.
pub fn offer_service(machine: MachineId) -> RuntimeCall {
	let service = Service {
		kind: ServiceKind::Charging,
		unit: Unit::KilowattHour,
		price: 300_000,
		endpoint: "https://charger.example/".try_into().unwrap(),
		description: None,
	};
	pallet_services::Call::offer { machine, service }.into()
}

/// Lets as many blocks pass as an empty bucket needs.
pub fn let_quota_refill() {
	let rates = pallet_free_quota::CurrentRates::<Runtime>::get();
	let blocks = rates.base_capacity.div_ceil(rates.base_refill);
	let blocks = BlockNumber::try_from(blocks).expect("it is finite; qed");
	System::set_block_number(System::block_number() + blocks);
}
