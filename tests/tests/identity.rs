//! The life of a fleet on four validators, through a light client: 256 machines registered in one
//! extrinsic, a key replaced, a machine suspended, caps and the second factor enforced by the chain
//! itself, the fleet frozen in one call; and the DID documents before and after.

use std::{ffi::OsStr, fs};

use dam_device::{
	chain::{Call, LightNetwork, Network as _},
	keyring::{Keyring, KeyringError},
	owner::{Change, Owner, PolicyDraft},
	payments::{PayError, Payer},
	policy::Violation,
	settle, AccountId, Key, Scheme, Usdt,
};
use dam_e2e::{
	device_binary,
	fleet::{self, Machine},
	program, Network, Rpc,
};
use dam_primitives::{
	machine_account, Approval, FailedPayment, KeyRights, MachineId, Payee, Payment, PaymentFailure,
	MAX_FLEET,
};
use jsonrpsee::rpc_params;
use serde_json::Value;

/// What the paying machine gets: 100 USDT.
const FUNDS: u128 = 100_000_000;
/// Most that one payment may be: 5 USDT.
const PAYMENT_CAP: u128 = 5_000_000;
/// Most that is paid in a period: 9 USDT.
const PERIOD_CAP: u128 = 9_000_000;
/// Longer than the test runs.
const PERIOD_BLOCKS: u32 = 100_000;
/// Above 2 USDT the owner signs too.
const CO_SIGN_ABOVE: u128 = 2_000_000;
/// Blocks for which a co-signature is good.
const APPROVAL_LIFETIME: u32 = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fleet_should_live_by_its_owners_rules_on_four_validators() {
	let network = Network::builder().validators(4).start().await.unwrap();
	network.wait_finalized(3).await.unwrap();
	let light = fleet::light_client(&network).await.unwrap();
	let world = World {
		network: &network,
		rpc: network.nodes()[2].rpc().clone(),
		light: &light,
		owner: fleet::well_known("Alice"),
	};

	let mut machines = world.fleet_should_register_in_one_extrinsic().await;
	let (payee, other) = (machines[1].id, machines[2].id);
	world.fund(machines[0].id, FUNDS).await;
	let before = world.resolve(machines[0].id).await;
	assert_eq!(before.members("verificationMethod"), ["#key-0"]);
	for relationship in ["authentication", "assertionMethod"] {
		assert_eq!(before.members(relationship), ["#key-0"]);
	}

	world.policy_should_hold(&machines[0], payee, other).await;
	world.rotation_should_move_rights_and_no_money(&mut machines[0], payee).await;
	world.suspension_should_stop_spending_alone(&machines[0], &machines[1]).await;

	let after = world.resolve(machines[0].id).await;
	assert_eq!(after.members("verificationMethod"), ["#key-1"], "the replaced key is still there");
	assert_eq!(after.members("authentication"), ["#key-1"]);
	assert_ne!(before.key(0), after.key(0), "the same key under another name");
	assert_eq!(before.document["controller"], after.document["controller"]);
	assert_ne!(before.metadata["versionId"], after.metadata["versionId"]);

	world.fleet_should_freeze_in_one_extrinsic(&machines).await;
	world.retirement_should_deactivate(&machines[2]).await;

	network.wait_more_finalized(3).await.unwrap();
	let common = network.assert_one_chain().await.unwrap();
	println!("all four validators agree up to block {common}");
}

/// The chain, two ways to look at it, and who owns its machines.
struct World<'a> {
	network: &'a Network,
	rpc: Rpc,
	light: &'a LightNetwork,
	owner: Key,
}

impl World<'_> {
	fn owner(&self) -> Owner<'_, LightNetwork> {
		Owner::new(self.light, &self.owner, fleet::patience())
	}

	async fn fund(&self, machine: MachineId, units: u128) {
		fleet::fund(self.light, &self.owner, machine, Usdt::from_units(units)).await.unwrap();
	}

	async fn payer<'k>(&'k self, key: &'k Key) -> Result<Payer<'k, LightNetwork>, PayError> {
		Payer::new(self.light, key, fleet::patience()).await
	}

	/// What a machine's wallet holds, in units of 0.000001 USDT.
	async fn holds(&self, machine: MachineId) -> u128 {
		let wallet = AccountId::from(machine_account(machine));
		self.light.balances(&[wallet]).await.unwrap().1[0].usdt.units()
	}

	/// What the chain itself says of a call that no library has looked at.
	async fn chain_says(&self, key: &Key, call: Call) -> Result<(), String> {
		let signed = self.light.sign(&call, key, None).await.unwrap();
		if let Err(refusal) = self.light.validate(&signed).await.unwrap() {
			return Err(format!("{refusal:?}"));
		}
		let inclusion =
			settle::settle(self.light, &signed, &fleet::patience(), &mut |_| {}).await.unwrap();
		inclusion.result.map_err(|failure| failure.name)
	}

	/// Resolves a DID through a node and through the light client's own program, which must agree.
	async fn resolve(&self, machine: MachineId) -> Resolution {
		let (number, _) = self.rpc.finalized().await.unwrap();
		// Whatever was final for the light client is then final for the node.
		let light = self.light.finalized().await.unwrap().number;
		self.network.wait_finalized(light.max(number)).await.unwrap();
		let did = format!("did:dam:local:{machine}");
		let by_node = self.rpc.call("dam_resolveDid", rpc_params![&did]).await.unwrap();

		let spec = self.network.folder().join("light.json");
		fs::write(&spec, self.network.light_spec().unwrap()).unwrap();
		let arguments: [&OsStr; 8] = [
			"--chain-spec".as_ref(),
			spec.as_ref(),
			"--timeout".as_ref(),
			"240".as_ref(),
			"--output=json".as_ref(),
			"did".as_ref(),
			"resolve".as_ref(),
			did.as_ref(),
		];
		let outcome = program::run(&device_binary().unwrap(), arguments).await.unwrap();
		assert!(outcome.success(), "{outcome:?}");
		let by_light: Value = serde_json::from_str(&outcome.stdout).unwrap();
		assert_eq!(by_node, by_light, "node and light client resolve {did} differently");

		let (document, metadata) =
			(by_node["didDocument"].clone(), by_node["didDocumentMetadata"].clone());
		assert_eq!(document["id"], did);
		println!("{did}, version {}", metadata["versionId"]);
		Resolution { document, metadata }
	}

	async fn fleet_should_register_in_one_extrinsic(&self) -> Vec<Machine> {
		let schemes = [Scheme::Ed25519, Scheme::Sr25519, Scheme::Ecdsa];
		let keys: Vec<Key> = (0..MAX_FLEET as usize)
			.map(|index| Key::generate(schemes[index % schemes.len()]).0)
			.collect();
		let registrations = fleet::agree(self.light, &self.owner, &keys).await.unwrap();
		let mut all =
			self.owner().register(&registrations, &mut |_| {}, &mut |_| {}).await.unwrap();
		assert_eq!(all.len(), 1, "one extrinsic");
		let registered = all.remove(0);
		assert_eq!(registered.failed, []);
		assert_eq!(registered.machines.len(), MAX_FLEET as usize);
		println!("{MAX_FLEET} machines registered in block {}", registered.done.block);
		let ids = registered.machines.into_iter().map(|(_, _, id)| id);
		keys.into_iter().zip(ids).map(|(key, id)| Machine { id, key }).collect()
	}

	/// Every rule, first as the library explains it, then as the chain enforces it against a device
	/// that asks nobody.
	async fn policy_should_hold(&self, payer: &Machine, payee: MachineId, stranger: MachineId) {
		let policy = PolicyDraft {
			payment_cap: Some(Usdt::from_units(PAYMENT_CAP)),
			period_cap: Some((Usdt::from_units(PERIOD_CAP), PERIOD_BLOCKS)),
			payees: Some((vec![Payee::Machine(payee)], vec![])),
			co_sign_above: Some(Usdt::from_units(CO_SIGN_ABOVE)),
		};
		let policy = Some(policy.build().unwrap());
		self.owner().set_policy(payer.id, policy, &mut |_| {}).await.unwrap();

		let device = self.payer(&payer.key).await.unwrap();
		let broken = [
			(payee, PAYMENT_CAP + 1, "ExceedsPaymentCap"),
			(stranger, 1, "PayeeNotAllowed"),
			(payee, CO_SIGN_ABOVE + 1, "NeedsCoSignature"),
		];
		for (payee, amount, error) in broken {
			let payment = pay(payee, amount);
			let explained = device.pay(&payment, None, &mut |_| {}).await.unwrap_err();
			println!("{explained}");
			let rule = match &explained {
				PayError::Policy(Violation::PaymentCap { .. }) => "ExceedsPaymentCap",
				PayError::Policy(Violation::Payee { .. }) => "PayeeNotAllowed",
				PayError::Policy(Violation::CoSignature { .. }) => "NeedsCoSignature",
				other => panic!("{other:?}"),
			};
			assert_eq!(rule, error);
			assert_eq!(
				self.chain_says(&payer.key, Call::Pay(payment)).await,
				Err(format!("Micropayments.{error}"))
			);
		}
		assert_eq!(self.holds(payer.id).await, FUNDS);

		// The second factor: exactly this payment, exactly once.
		let large = pay(payee, CO_SIGN_ABOVE + 1);
		let expires_at = self.light.finalized().await.unwrap().number + APPROVAL_LIFETIME;
		let approval = Approval { payee: large.payee.clone(), amount: large.amount, expires_at };
		self.owner().approve(payer.id, approval, &mut |_| {}).await.unwrap();
		let receipt = device.pay(&large, None, &mut |_| {}).await.unwrap();
		assert_eq!(receipt.fee.units(), 0);
		assert_eq!(
			self.chain_says(&payer.key, Call::Pay(large)).await,
			Err("Micropayments.NeedsCoSignature".into())
		);

		// A batch gets as far as the period's cap, and not an item further.
		let item = pay(payee, CO_SIGN_ABOVE);
		let fits = (PERIOD_CAP - (CO_SIGN_ABOVE + 1)) / CO_SIGN_ABOVE;
		let items = vec![item; usize::try_from(fits + 1).expect("few; qed")];
		let receipt = device.pay_batch(0, &items, None, &mut |_| {}).await.unwrap();
		assert_eq!(u128::from(receipt.paid), fits);
		let reason = PaymentFailure::ExceedsPeriodCap;
		assert_eq!(receipt.failed, [FailedPayment { index: receipt.paid, reason }]);
		assert_eq!(self.holds(payer.id).await, FUNDS - (CO_SIGN_ABOVE + 1) - fits * CO_SIGN_ABOVE);
		println!("caps, payees and the second factor hold");
	}

	async fn rotation_should_move_rights_and_no_money(
		&self,
		machine: &mut Machine,
		payee: MachineId,
	) {
		let before = self.holds(machine.id).await;
		let (new, _) = Key::generate(Scheme::Ecdsa);
		let agreement =
			fleet::agree_to_act(self.light, &new, machine.id, KeyRights::ALL).await.unwrap();
		let keyring =
			Keyring::new(self.light, &machine.key, None, fleet::patience()).await.unwrap();
		let done = keyring.rotate(&agreement, &mut |_| {}).await.unwrap();
		println!("the payment key was replaced in block {}", done.block);
		assert_eq!(done.fee.units(), 0, "a rotation by the device is free");
		let old = std::mem::replace(&mut machine.key, new);
		assert_eq!(self.holds(machine.id).await, before);

		let ended = self.payer(&old).await.unwrap_err();
		assert!(matches!(ended, PayError::KeyEnded { .. }), "{ended:?}");
		let payment = pay(payee, 1);
		// Free of fees for keys that act, and this one has nothing to pay a fee with.
		assert_eq!(
			self.chain_says(&old, Call::Pay(payment.clone())).await,
			Err("CannotPay".into())
		);
		let receipt =
			self.payer(&machine.key).await.unwrap().pay(&payment, None, &mut |_| {}).await.unwrap();
		assert_eq!(receipt.fee.units(), 0);

		// Whoever steals the new key cannot use the machine's keys up.
		let (another, _) = Key::generate(Scheme::Ed25519);
		let agreement =
			fleet::agree_to_act(self.light, &another, machine.id, KeyRights::ALL).await.unwrap();
		let keyring =
			Keyring::new(self.light, &machine.key, None, fleet::patience()).await.unwrap();
		let early = keyring.rotate(&agreement, &mut |_| {}).await.unwrap_err();
		assert!(matches!(early, KeyringError::RotatedTooRecently { .. }), "{early:?}");
		assert_eq!(
			self.chain_says(&machine.key, Call::RotateKey(Box::new(agreement))).await,
			Err("DamIdentity.RotatedTooRecently".into())
		);
	}

	async fn suspension_should_stop_spending_alone(&self, machine: &Machine, other: &Machine) {
		let owner = self.owner();
		owner.change(machine.id, Change::Suspend, &mut |_| {}).await.unwrap();
		let refused = self.payer(&machine.key).await.unwrap_err();
		assert!(matches!(refused, PayError::Suspended { .. }), "{refused:?}");
		assert_eq!(
			self.chain_says(&machine.key, Call::Pay(pay(other.id, 1))).await,
			Err("CannotPay".into())
		);

		let before = self.holds(machine.id).await;
		let income = pay(machine.id, 250_000);
		self.payer(&other.key).await.unwrap().pay(&income, None, &mut |_| {}).await.unwrap();
		assert_eq!(self.holds(machine.id).await, before + income.amount, "it can be paid");

		let suspended = self.resolve(machine.id).await;
		assert_eq!(suspended.members("authentication"), ["#key-1"], "it can still sign");
		assert_eq!(suspended.members("capabilityInvocation"), [""; 0], "it does not act");
		owner.change(machine.id, Change::Resume, &mut |_| {}).await.unwrap();
		let again = pay(other.id, 1);
		self.payer(&machine.key).await.unwrap().pay(&again, None, &mut |_| {}).await.unwrap();
		println!("suspended, paid, resumed");
	}

	async fn fleet_should_freeze_in_one_extrinsic(&self, machines: &[Machine]) {
		let ids: Vec<MachineId> = machines.iter().map(|machine| machine.id).collect();
		let all = self.owner().freeze(&ids, &mut |_| {}, &mut |_| {}).await.unwrap();
		assert_eq!(all.len(), 1, "one extrinsic");
		assert_eq!(all[0].machines, ids);
		println!("{} machines frozen in block {}", ids.len(), all[0].done.block);
		for machine in [&machines[0], &machines[machines.len() - 1]] {
			let refused = self.payer(&machine.key).await.unwrap_err();
			assert!(matches!(refused, PayError::Frozen { .. }), "{refused:?}");
			let frozen = self.resolve(machine.id).await;
			assert_eq!(frozen.members("verificationMethod").len(), 1);
			assert_eq!(frozen.members("authentication"), [""; 0], "nobody speaks for it");
		}
		assert_eq!(
			self.chain_says(&machines[0].key, Call::Pay(pay(machines[1].id, 1))).await,
			Err("CannotPay".into())
		);
	}

	async fn retirement_should_deactivate(&self, machine: &Machine) {
		self.owner().change(machine.id, Change::Retire, &mut |_| {}).await.unwrap();
		let gone = self.resolve(machine.id).await;
		assert_eq!(gone.metadata["deactivated"], true);
		assert_eq!(gone.members("verificationMethod"), [""; 0]);
	}
}

fn pay(payee: MachineId, amount: u128) -> Payment<AccountId> {
	Payment { payee: Payee::Machine(payee), amount }
}

/// What a DID resolved to.
struct Resolution {
	document: Value,
	metadata: Value,
}

impl Resolution {
	/// Fragments of what a member of the document lists; none if it is not there.
	fn members(&self, name: &str) -> Vec<&str> {
		let id = self.document["id"].as_str().expect("checked before; qed");
		self.document[name]
			.as_array()
			.into_iter()
			.flatten()
			.map(|entry| {
				let url = entry.as_str().or(entry["id"].as_str()).expect("a DID URL");
				url.strip_prefix(id).expect("of this machine")
			})
			.collect()
	}

	fn key(&self, index: usize) -> &Value {
		&self.document["verificationMethod"][index]["publicKeyMultibase"]
	}
}
