//! No way around the policy: whoever has stolen a machine's keys tries every call of the runtime.
//!
//! Calls come out of the runtime's own metadata, so that a new pallet is tried as soon as it is
//! there. They are tried alone and in sequences, in wrappers and in wrappers of wrappers, with the
//! arguments that a thief would choose. The victim's policy allows one payee, and little.

use super::{
	calls::{CallName, Dictionary, Generator},
	support::*,
};
use crate::{units::USDT, *};
use alloc::collections::{BTreeMap, BTreeSet};
use dam_primitives::{
	policy::PeriodCap, AllowedPayees, KeyRights, MachineId, Payee, Policy, USDT_ASSET_ID,
};
use frame_support::{assert_ok, storage::with_transaction, BoundedVec};
use pallet_dam_traits::Machines;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{traits::Dispatchable, DispatchError, TransactionOutcome};

/// How often each call is tried alone.
const ROUNDS: usize = 40;
/// How many sequences of calls are tried.
const SEQUENCES: usize = 4_000;
/// Calls in a sequence.
const STEPS: usize = 4;

/// What the victim's wallet holds.
const FUNDS: Balance = 100 * USDT;
/// The victim's policy.
const PAYMENT_CAP: Balance = USDT;
const PERIOD_CAP: Balance = 3 * USDT;
const CO_SIGN_ABOVE: Balance = USDT / 2;

struct Scene {
	victim: MachineId,
	friend: MachineId,
	thief: AccountId,
	thiefs_machine: MachineId,
	/// Keys that the thief has: the victim's payment key, a key of the victim with every other
	/// right, the key of its own machine, a new key to rotate to, its own account.
	signers: alloc::vec::Vec<AccountId>,
}

impl Scene {
	fn set_up() -> Self {
		let victim = register(&device(1));
		let friend = register(&device(2));
		let thiefs_machine = register(&device(3));
		fund(victim, FUNDS);
		fund(friend, USDT);
		fund(thiefs_machine, USDT);
		let further = device(4);
		let statement = new_key(victim, &further, KeyRights::ALL.without(KeyRights::PAY));
		DamIdentity::add_key(
			RuntimeOrigin::signed(owner()),
			victim,
			statement,
			KeyRights::ALL.without(KeyRights::PAY),
		)
		.unwrap();
		let thief = Sr25519Keyring::Bob.to_account_id();
		let keys = [device(1), further, device(3), device(5)];
		let signers: alloc::vec::Vec<_> = keys.iter().map(key_of).chain([thief.clone()]).collect();
		// Fees are no obstacle: the thief pays them.
		for signer in &signers {
			Balances::transfer_keep_alive(
				RuntimeOrigin::signed(owner()),
				signer.clone().into(),
				1_000 * units::DAM,
			)
			.unwrap();
		}
		Self { victim, friend, thief, thiefs_machine, signers }
	}

	fn protect(&self) {
		let payees = BoundedVec::truncate_from(alloc::vec![Payee::Machine(self.friend)]);
		let policy = Policy {
			payment_cap: Some(PAYMENT_CAP),
			period_cap: Some(PeriodCap { blocks: 1_000, amount: PERIOD_CAP }),
			payees: AllowedPayees::Only { payees, kinds: Default::default() },
			co_sign_above: Some(CO_SIGN_ABOVE),
		};
		let set =
			SpendingPolicy::set_policy(RuntimeOrigin::signed(owner()), self.victim, Some(policy));
		set.unwrap();
	}

	/// What a thief would try on purpose: amounts and proofs that chance does not find.
	fn dictionary(&self) -> Dictionary {
		use pallet_assets::Call as Asset;
		use pallet_micropayments::Call as Payments;
		let id = codec::Compact(USDT_ASSET_ID);
		let wallet = DamIdentity::account(self.victim);
		let target = || self.thief.clone().into();
		let source = || wallet.clone().into();
		let amount = USDT / 4;
		let calls: alloc::vec::Vec<RuntimeCall> = alloc::vec![
			pay(self.thiefs_machine, amount),
			pay(self.friend, amount),
			pay(self.friend, PAYMENT_CAP),
			pay_batch(self.thiefs_machine, amount, 20),
			pay_batch(self.friend, amount, 20),
			Payments::pay { payee: Payee::Account(self.thief.clone()), amount }.into(),
			Payments::withdraw { machine: self.victim, amount }.into(),
			rotate_key(self.victim, &device(5)),
			// Signed with the stolen key; whoever submits it takes the relay fee.
			submit_intent(
				self.victim,
				&device(1),
				Payee::Account(self.thief.clone()),
				(amount, 0),
				1,
			),
			submit_intent(self.victim, &device(1), Payee::Machine(self.friend), (1, amount), 2),
			submit_intent(self.victim, &device(1), Payee::Machine(self.friend), (amount, 0), 3),
			Asset::transfer { id, target: target(), amount }.into(),
			Asset::transfer_keep_alive { id, target: target(), amount }.into(),
			Asset::transfer_all { id, dest: target(), keep_alive: false }.into(),
			Asset::force_transfer { id, source: source(), dest: target(), amount }.into(),
			Asset::approve_transfer { id, delegate: target(), amount }.into(),
			Asset::transfer_approved { id, owner: source(), destination: target(), amount }.into(),
			Asset::burn { id, who: source(), amount }.into(),
			Asset::mint { id, beneficiary: target(), amount }.into(),
			pallet_spending_policy::Call::set_policy { machine: self.victim, policy: None }.into(),
			pallet_dam_identity::Call::retire { machine: self.victim }.into(),
			pallet_dam_identity::Call::offer_ownership {
				machine: self.victim,
				to: self.thief.clone(),
				expires_at: System::block_number() + 10,
			}
			.into(),
			pallet_dam_identity::Call::accept_ownership {
				machine: self.victim,
				unchanged_since: BlockNumber::MAX,
			}
			.into(),
		];
		let accounts = self
			.signers
			.iter()
			.cloned()
			.chain([
				wallet,
				DamIdentity::account(self.friend),
				DamIdentity::account(self.thiefs_machine),
				owner(),
				configs::bridge_account(),
			])
			.collect();
		let now = u128::from(System::block_number());
		let numbers = alloc::vec![
			0,
			1,
			u128::from(self.victim),
			u128::from(self.friend),
			u128::from(self.thiefs_machine),
			u128::from(USDT_ASSET_ID),
			now + 10,
			amount,
			CO_SIGN_ABOVE,
			PAYMENT_CAP,
			FUNDS,
			u128::MAX,
		];
		Dictionary { accounts, numbers, calls }
	}

	fn money(&self) -> Money {
		let of_signers: Balance = self.signers.iter().map(usdt).sum();
		Money {
			victim: wallet(self.victim),
			friend: wallet(self.friend),
			thief: of_signers + wallet(self.thiefs_machine),
			escrow: usdt(&Micropayments::pot()),
			largest: self.largest_payment(),
		}
	}

	/// The largest amount that the victim has paid at once. Of a batch the average tells enough: its
	/// items are alike.
	fn largest_payment(&self) -> Balance {
		let payments = System::read_events_no_consensus().map(|record| match record.event {
			RuntimeEvent::Micropayments(pallet_micropayments::Event::Paid {
				machine,
				amount,
				..
			}) if machine == self.victim => amount,
			RuntimeEvent::Micropayments(pallet_micropayments::Event::BatchPaid {
				machine,
				paid,
				total,
				..
			}) if machine == self.victim && paid > 0 => total / Balance::from(paid),
			_ => 0,
		});
		payments.max().unwrap_or(0)
	}

	fn dispatch(&self, signer: &AccountId, call: RuntimeCall) -> bool {
		call.dispatch(RuntimeOrigin::signed(signer.clone())).is_ok()
	}
}

/// Who has how much.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Money {
	victim: Balance,
	friend: Balance,
	thief: Balance,
	/// In escrow, for the friend or to come back.
	escrow: Balance,
	/// The most that the victim has paid at once.
	largest: Balance,
}

/// Tries something and takes it back.
fn attempt<R>(attack: impl FnOnce() -> R) -> R {
	with_transaction(|| TransactionOutcome::Rollback(Ok::<_, DispatchError>(attack())))
		.expect("attacks return no error; qed")
}

/// What became of the attempts with one call.
#[derive(Default, Clone, Copy)]
struct Tally {
	tried: usize,
	succeeded: usize,
	moved: usize,
}

/// Tries every call alone, signed by every key that the thief has; tells what came of it.
fn walk(
	scene: &Scene,
	seed: u64,
	check: impl Fn(&Money, &Money, &str),
) -> BTreeMap<CallName, Tally> {
	let mut generator = Generator::new(scene.dictionary(), seed);
	let mut tallies = BTreeMap::new();
	for name in generator.all_calls().into_keys() {
		let mut tally = Tally::default();
		let exact: alloc::vec::Vec<_> = scene.dictionary().calls;
		let made: alloc::vec::Vec<_> = (0..ROUNDS)
			.filter_map(|_| generator.make(&name))
			.chain(exact.into_iter().filter(|call| name_of(call) == name))
			.collect();
		for call in made {
			for signer in &scene.signers {
				let before = scene.money();
				let (succeeded, after) =
					attempt(|| (scene.dispatch(signer, call.clone()), scene.money()));
				check(&before, &after, &alloc::format!("{call:?} by {signer}"));
				tally.tried += 1;
				tally.succeeded += usize::from(succeeded);
				tally.moved += usize::from(before.victim > after.victim);
			}
		}
		tallies.insert(name, tally);
	}
	tallies
}

fn name_of(call: &RuntimeCall) -> CallName {
	use frame_support::traits::GetCallMetadata;
	let metadata = call.get_call_metadata();
	(metadata.pallet_name.into(), metadata.function_name.into())
}

/// Every move of the victim's money is one that its policy allows.
fn assert_within_policy(before: &Money, after: &Money, what: &str) {
	let spent = before.victim.saturating_sub(after.victim);
	// Nobody has co-signed anything.
	assert!(after.largest <= CO_SIGN_ABOVE, "{} at once: {what}", after.largest);
	assert!(spent <= PERIOD_CAP, "{spent} left the wallet: {what}");
	let safe = |money: &Money| money.friend + money.escrow;
	assert!(safe(after) >= safe(before) + spent, "the money went elsewhere: {what}");
	assert!(after.thief <= before.thief, "the thief has more than before: {what}");
}

#[test]
fn no_call_should_lead_around_the_policy() {
	new_test_ext().execute_with(|| {
		let scene = Scene::set_up();
		scene.protect();
		let tallies = walk(&scene, 1, assert_within_policy);

		println!("{:<45} {:>6} {:>9} {:>6}", "call", "tried", "succeeded", "moved");
		for ((pallet, call), tally) in &tallies {
			let name = alloc::format!("{pallet}.{call}");
			println!("{name:<45} {:>6} {:>9} {:>6}", tally.tried, tally.succeeded, tally.moved);
			// Those that cannot be made from parts must at least be among the exact ones.
			assert!(tally.tried > 0, "{name} was not tried: give the generator what it needs");
		}
		println!("{} calls walked", tallies.len());
		let moved = movers(&tallies);
		assert!(
			moved.contains("Micropayments.pay"),
			"even what is allowed did not work: {moved:?}"
		);
		assert!(moved.is_subset(&spending_paths()), "{moved:?}");
	});
}

/// The calls through which a key may move its machine's money. All of them end in a path that asks
/// the policy; whoever adds one adds it here.
fn spending_paths() -> BTreeSet<alloc::string::String> {
	[
		"Channels.open",
		"Intents.submit",
		"Channels.top_up",
		"Mandates.grant",
		"Mandates.pull",
		"Mandates.pull_batch",
		"Micropayments.pay",
		"Micropayments.pay_batch",
		"Orders.offer",
		"Streams.open",
		"Streams.top_up",
		"Multisig.as_multi_threshold_1",
		"Proxy.proxy",
		"Utility.as_derivative",
		"Utility.batch",
		"Utility.batch_all",
		"Utility.force_batch",
		"Utility.if_else",
	]
	.map(Into::into)
	.into()
}

fn movers(tallies: &BTreeMap<CallName, Tally>) -> BTreeSet<alloc::string::String> {
	tallies
		.iter()
		.filter(|(_, tally)| tally.moved > 0)
		.map(|((pallet, call), _)| alloc::format!("{pallet}.{call}"))
		.collect()
}

#[test]
fn no_sequence_of_calls_should_lead_around_the_policy() {
	new_test_ext().execute_with(|| {
		let scene = Scene::set_up();
		scene.protect();
		let mut generator = Generator::new(scene.dictionary(), 2);
		let names: alloc::vec::Vec<CallName> = generator.all_calls().into_keys().collect();
		let exact = scene.dictionary().calls;
		for _ in 0..SEQUENCES {
			attempt(|| {
				let before = scene.money();
				let mut history = alloc::vec::Vec::new();
				for _ in 0..STEPS {
					let call = if generator.below(3) == 0 {
						Some(exact[generator.below(exact.len() as u64) as usize].clone())
					} else {
						let name = &names[generator.below(names.len() as u64) as usize];
						generator.make(name)
					};
					let Some(call) = call else { continue };
					let signer =
						&scene.signers[generator.below(scene.signers.len() as u64) as usize];
					scene.dispatch(signer, call.clone());
					history.push((signer.clone(), call));
					assert_within_policy(&before, &scene.money(), &alloc::format!("{history:?}"));
				}
			});
		}
	});
}

/// A way to become somebody else: what is done for it, who the thief is then, and how calls look.
struct Role<'a> {
	preparation: alloc::vec::Vec<(&'a AccountId, RuntimeCall)>,
	thief: &'a AccountId,
	wrap: &'a dyn Fn(RuntimeCall) -> RuntimeCall,
}

/// What chance hardly finds: roles that take several steps, in the right order.
#[test]
fn no_change_of_role_should_lead_around_the_policy() {
	use alloc::{boxed::Box, vec};
	use pallet_recovery::Call as Recovery;
	new_test_ext().execute_with(|| {
		let scene = Scene::set_up();
		scene.protect();
		let (stolen, thief) = (&scene.signers[0], &scene.thief);
		let successor = key_of(&device(5));
		let plain = |call| call;
		let as_proxy = |call: RuntimeCall| -> RuntimeCall {
			let (real, call) = (stolen.clone().into(), Box::new(call));
			pallet_proxy::Call::proxy { real, force_proxy_type: None, call }.into()
		};
		let as_inheritor = |call: RuntimeCall| -> RuntimeCall {
			let (recovered, call) = (stolen.clone().into(), Box::new(call));
			Recovery::control_inherited_account { recovered, call }.into()
		};
		let appoint = pallet_proxy::Call::add_proxy {
			delegate: thief.clone().into(),
			proxy_type: configs::ProxyType::Any,
			delay: 0,
		};
		let friends = pallet_recovery::FriendGroup {
			friends: BoundedVec::truncate_from(vec![thief.clone()]),
			friends_needed: 1,
			inheritor: thief.clone(),
			inheritance_delay: 0,
			inheritance_priority: 0,
			cancel_delay: 1,
		};
		let lost = || stolen.clone().into();
		let roles = [
			Role {
				preparation: vec![(stolen, rotate_key(scene.victim, &device(5)))],
				thief: &successor,
				wrap: &plain,
			},
			Role { preparation: vec![(stolen, appoint.into())], thief, wrap: &as_proxy },
			Role {
				preparation: vec![
					(stolen, Recovery::set_friend_groups { friend_groups: vec![friends] }.into()),
					(
						thief,
						Recovery::initiate_attempt { lost: lost(), friend_group_index: 0 }.into(),
					),
					(
						thief,
						Recovery::finish_attempt { lost: lost(), friend_group_index: 0 }.into(),
					),
				],
				thief,
				wrap: &as_inheritor,
			},
		];
		for Role { preparation, thief, wrap } in roles {
			attempt(|| {
				for (signer, call) in &preparation {
					assert_ok!(call.clone().dispatch(RuntimeOrigin::signed((*signer).clone())));
				}
				let before = scene.money();
				for call in scene.dictionary().calls {
					let call = wrap(call);
					attempt(|| {
						scene.dispatch(thief, call.clone());
						let what = alloc::format!("{call:?} after {preparation:?}");
						assert_within_policy(&before, &scene.money(), &what);
					});
				}
				// The role is real: what the policy allows works in it.
				scene.dispatch(thief, wrap(pay(scene.friend, CO_SIGN_ABOVE)));
				let left = before.victim - CO_SIGN_ABOVE;
				assert_eq!(scene.money().victim, left, "{preparation:?}");
			});
		}
	});
}

/// The walk is worth something only if it finds a way where there is one.
#[test]
fn walk_should_find_a_way_where_there_is_no_policy() {
	new_test_ext().execute_with(|| {
		let scene = Scene::set_up();
		let moved = movers(&walk(&scene, 3, |_, _, _| {}));
		for path in ["Micropayments.pay", "Micropayments.pay_batch", "Utility.batch"] {
			assert!(moved.contains(path), "{path} is missing: {moved:?}");
		}
		assert!(moved.is_subset(&spending_paths()), "{moved:?}");
	});
}

/// And the calls that it makes do move money for whoever owns it.
#[test]
fn walk_should_find_a_way_into_an_ordinary_account() {
	new_test_ext().execute_with(|| {
		let scene = Scene::set_up();
		assert_ok!(Assets::transfer(
			RuntimeOrigin::signed(owner()),
			USDT_ASSET_ID.into(),
			scene.thief.clone().into(),
			FUNDS
		));
		let mut generator = Generator::new(scene.dictionary(), 4);
		let mut moved = BTreeSet::new();
		for name in generator.all_calls().into_keys() {
			for _ in 0..5 * ROUNDS {
				let Some(call) = generator.make(&name) else { continue };
				let before = usdt(&scene.thief);
				let after = attempt(|| {
					scene.dispatch(&scene.thief, call);
					usdt(&scene.thief)
				});
				if after < before {
					moved.insert(alloc::format!("{}.{}", name.0, name.1));
				}
			}
		}
		for path in ["Assets.transfer", "Assets.transfer_all", "Assets.transfer_keep_alive"] {
			assert!(moved.contains(path), "{path} is missing: {moved:?}");
		}
	});
}

#[test]
fn stolen_key_should_not_spend_after_a_freeze_and_the_wallet_should_stay() {
	new_test_ext().execute_with(|| {
		let scene = Scene::set_up();
		let list = BoundedVec::truncate_from(alloc::vec![scene.victim]);
		DamIdentity::freeze(RuntimeOrigin::signed(owner()), list).unwrap();
		walk(&scene, 5, |before, after, what| {
			assert!(after.victim >= before.victim, "money left a frozen machine: {what}");
		});
		assert!(DamIdentity::authorize(&scene.signers[0], KeyRights::PAY).is_err());
	});
}
