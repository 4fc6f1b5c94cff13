//! The first state of a chain with many machines, written down directly.
//!
//! One person with its machines is registered by the runtime's own calls, executed natively on the
//! development chain's genesis. What that left in the state is then repeated for all others, with
//! their own keys and numbers. So every item is as the chain makes it; and an item that this module
//! does not know, because a pallet is new, stops the preparation.

use crate::{
	error::Error,
	key::Key,
	population::{chain_seed, is_chained, machine_key, person_key, Population, FLEET},
	progress::Progress,
};
use codec::{Decode, Encode};
use dam_primitives::{
	machine_account, payword::descend, registration::RegistrationStatement, Lock, MachineId,
	MachineProfile, Payee, Terms, USDT_ASSET_ID,
};
use dam_runtime::{
	units::{DAM, HOURS, USDT},
	AccountId, Assets, Balance, Balances, BlockNumber, Channels, DamIdentity, Runtime,
	RuntimeOrigin,
};
use frame_support::traits::{fungible, fungibles};
use pallet_dam_identity::{KeyRecord, MachineRecord, Registration};
use polkadot_sdk::*;
use sp_io::TestExternalities;
use sp_runtime::DispatchError;
use sp_storage::Storage;
use std::collections::{BTreeMap, BTreeSet};

/// What each person has after it registered its machines: enough for the fees of every run.
pub const PERSON_DAM: Balance = 100_000 * DAM;
/// What each person has, in units of 0.000001 USDT.
pub const PERSON_USDT: Balance = 1_000 * USDT;
/// What each machine has in its wallet, in units of 0.000001 USDT.
pub const WALLET_USDT: Balance = 1_000 * USDT;
/// What each channel of vouchers holds, in units of 0.000001 USDT.
pub const CHANNEL_USDT: Balance = 10 * USDT;
/// What each link is worth, in units of 0.000001 USDT.
pub const UNIT: Balance = 3;

/// Blocks in which a registration may be made. They do not matter: there are none.
const STATEMENT_BLOCKS: BlockNumber = 100;
const GRACE: BlockNumber = HOURS;

type Items = BTreeMap<Vec<u8>, Vec<u8>>;

/// Adds `population` to the storage of a development chain's genesis.
///
/// # Errors
/// If the runtime refuses what is done, or leaves behind what is not known here.
pub fn populate(mut storage: Storage, population: Population) -> Result<Storage, Error> {
	let mut ext = TestExternalities::new(storage.clone());
	let before = ext.execute_with(items);
	ext.execute_with(|| register(0, population))
		.map_err(|error| Error::genesis(format!("{error:?}")))?;
	let after = ext.execute_with(items);

	let totals = Totals::between(&before, &after)?;
	let template = Template::of(&before, &after, &totals)?;
	let mut progress = Progress::new("accounts", population.machines());
	for person in 0..population.people() {
		template.write(person, population, &mut storage)?;
		progress.at(person.saturating_mul(FLEET));
	}
	totals.write(population.people(), &mut storage)?;
	Ok(storage)
}

/// Everything in the state.
fn items() -> Items {
	let mut items = Items::new();
	let mut key = Vec::new();
	while let Some(next) = sp_io::storage::next_key(&key) {
		if let Some(value) = sp_io::storage::get(&next) {
			items.insert(next.clone(), value.to_vec());
		}
		key = next;
	}
	items
}

/// The machines of a person.
fn machines_of(person: u64) -> std::ops::Range<MachineId> {
	let first = person.saturating_mul(FLEET);
	first..first.saturating_add(FLEET)
}

/// Registers a person's machines and opens their channels, by the runtime's own calls.
fn register(person: u64, population: Population) -> Result<(), DispatchError> {
	let owner = person_key(person).account;
	<Balances as fungible::Mutate<_>>::mint_into(&owner, PERSON_DAM)?;
	<Assets as fungibles::Mutate<_>>::mint_into(USDT_ASSET_ID, &owner, PERSON_USDT)?;
	for machine in machines_of(person) {
		let device = machine_key(machine);
		let profile = MachineProfile::default();
		let statement = RegistrationStatement::new(
			frame_system::Pallet::<Runtime>::block_hash(0).into(),
			owner.clone().into(),
			device.public(),
			&profile,
			STATEMENT_BLOCKS,
		);
		let proof = device.sign(&statement.signing_payload()).into();
		let key = device.public();
		let registration = Registration { key, profile, expires_at: STATEMENT_BLOCKS, proof };
		DamIdentity::register(RuntimeOrigin::signed(owner.clone()), registration)?;
	}
	for machine in machines_of(person) {
		// The final payee may not exist yet; the owner does.
		let payee = Payee::Account(owner.clone());
		let deposit = deposit_of(machine, population);
		let terms = match is_chained(machine) {
			false => Terms::Vouchers,
			true => {
				Terms::HashChain { root: [1; 32], length: population.chain_length(), unit: UNIT }
			},
		};
		let wallet = AccountId::from(machine_account(machine));
		let storage_deposit = <Runtime as pallet_channels::Config>::StorageDeposit::get();
		let funds = WALLET_USDT.saturating_add(deposit).saturating_add(storage_deposit);
		<Assets as fungibles::Mutate<_>>::mint_into(USDT_ASSET_ID, &wallet, funds)?;
		let key = RuntimeOrigin::signed(machine_key(machine).account);
		Channels::open(key, payee, deposit, terms, GRACE)?;
	}
	Ok(())
}

/// What is paid into the channel of a machine.
fn deposit_of(machine: MachineId, population: Population) -> Balance {
	match is_chained(machine) {
		false => CHANNEL_USDT,
		true => UNIT.saturating_mul(population.chain_length().into()),
	}
}

/// The keys of all items that a person and its machines have in the state.
struct Places {
	/// Those whose values are the same for everybody, in a fixed order.
	same: Vec<Vec<u8>>,
	machines: Vec<Vec<u8>>,
	keys: Vec<Vec<u8>>,
	channels: Vec<Vec<u8>>,
}

impl Places {
	fn of(owner: &AccountId, machines: std::ops::Range<MachineId>, keys: &[AccountId]) -> Self {
		let system = |who: &AccountId| frame_system::Account::<Runtime>::hashed_key_for(who);
		let mut same = vec![
			system(owner),
			usdt_key(owner),
			pallet_balances::Holds::<Runtime>::hashed_key_for(owner),
		];
		for (machine, key) in machines.clone().zip(keys) {
			let wallet = AccountId::from(machine_account(machine));
			same.extend([
				system(key),
				system(&wallet),
				usdt_key(&wallet),
				pallet_channels::OpenChannels::<Runtime>::hashed_key_for(machine),
			]);
		}
		let each = |place: fn(MachineId) -> Vec<u8>| machines.clone().map(place).collect();
		Self {
			same,
			machines: each(pallet_dam_identity::Machines::<Runtime>::hashed_key_for),
			channels: each(pallet_channels::Channels::<Runtime>::hashed_key_for),
			keys: keys.iter().map(pallet_dam_identity::Keys::<Runtime>::hashed_key_for).collect(),
		}
	}

	fn all(&self) -> impl Iterator<Item = &Vec<u8>> {
		self.same.iter().chain(&self.machines).chain(&self.keys).chain(&self.channels)
	}
}

/// Where an account's USDT stand.
pub fn usdt_key(who: &AccountId) -> Vec<u8> {
	pallet_assets::Account::<Runtime>::hashed_key_for(USDT_ASSET_ID, who)
}

type MachineOf = MachineRecord<AccountId, Balance, BlockNumber>;
type ChannelOf = dam_primitives::Channel<AccountId>;

/// What the first person and its machines have in the state.
struct Template {
	same: Vec<Vec<u8>>,
	machine: MachineOf,
	key: KeyRecord<BlockNumber>,
	/// Of a machine with vouchers, and of one with a hash chain.
	channels: [ChannelOf; 2],
}

impl Template {
	/// # Errors
	/// If there is anything else new in the state.
	fn of(before: &Items, after: &Items, totals: &Totals) -> Result<Self, Error> {
		let keys: Vec<_> = machines_of(0).map(|machine| machine_key(machine).account).collect();
		let places = Places::of(&person_key(0).account, machines_of(0), &keys);
		let known: BTreeSet<&Vec<u8>> = places.all().chain(totals.places()).collect();
		let changed = after.iter().filter(|(key, value)| before.get(*key) != Some(value));
		for (key, _) in changed {
			if !known.contains(key) {
				return Err(Error::genesis(format!(
					"registering machines writes an item that is not repeated for all: 0x{}",
					key.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
				)));
			}
		}
		let read = |places: &[Vec<u8>], index: usize| {
			let place = places.get(index).ok_or_else(|| Error::genesis("a machine is missing"))?;
			let value = after.get(place);
			value.cloned().ok_or_else(|| Error::genesis("an item of a machine is missing"))
		};
		let same = (0..places.same.len()).map(|index| read(&places.same, index));
		Ok(Self {
			same: same.collect::<Result<_, _>>()?,
			machine: decode(&read(&places.machines, 0)?)?,
			key: decode(&read(&places.keys, 0)?)?,
			channels: [decode(&read(&places.channels, 0)?)?, decode(&read(&places.channels, 1)?)?],
		})
	}

	/// Writes what `person` and its machines have.
	fn write(
		&self,
		person: u64,
		population: Population,
		storage: &mut Storage,
	) -> Result<(), Error> {
		let owner = person_key(person).account;
		let devices: Vec<Key> = machines_of(person).map(machine_key).collect();
		let keys: Vec<_> = devices.iter().map(|device| device.account.clone()).collect();
		let places = Places::of(&owner, machines_of(person), &keys);
		storage.top.extend(places.same.into_iter().zip(self.same.iter().cloned()));
		for (index, (machine, device)) in machines_of(person).zip(&devices).enumerate() {
			let record = MachineRecord {
				owner: owner.clone(),
				key: device.account.clone(),
				..self.machine.clone()
			};
			storage.top.insert(places.machines[index].clone(), record.encode());
			let record = KeyRecord { machine, public: device.public(), ..self.key.clone() };
			storage.top.insert(places.keys[index].clone(), record.encode());
			let [vouchers, chained] = &self.channels;
			let mut channel = if is_chained(machine) { chained } else { vouchers }.clone();
			channel.payer = machine;
			channel.payee = Payee::Machine(population.payee_of(machine));
			match &mut channel.lock {
				Lock::Vouchers { signer } => *signer = device.public(),
				Lock::HashChain { link, length, .. } => {
					*link = descend::<HostBlake2>(&chain_seed(machine), *length);
				},
			}
			storage.top.insert(places.channels[index].clone(), channel.encode());
		}
		Ok(())
	}
}

/// The hash as nodes compute it.
pub struct HostBlake2;
impl dam_primitives::crypto::Blake2b256 for HostBlake2 {
	fn hash(message: &[u8]) -> [u8; 32] {
		sp_io::hashing::blake2_256(message)
	}
}

/// Sums over everybody, before the first person and what each adds.
struct Totals(Vec<Total>);

/// From a value before and one after: the value after several times that much.
type Scale = fn(&[u8], &[u8], u64) -> Result<Vec<u8>, Error>;

struct Total {
	place: Vec<u8>,
	before: Vec<u8>,
	after: Vec<u8>,
	/// The value after `times` as much was added as lies between the two.
	scale: Scale,
}

impl Totals {
	fn between(before: &Items, after: &Items) -> Result<Self, Error> {
		let pot = usdt_key(&dam_runtime::Micropayments::pot());
		let asset = pallet_assets::Asset::<Runtime>::hashed_key_for(USDT_ASSET_ID);
		let known: [(Vec<u8>, Scale); 6] = [
			(pallet_balances::TotalIssuance::<Runtime>::hashed_key().to_vec(), scale_u128),
			(pallet_channels::Locked::<Runtime>::hashed_key().to_vec(), scale_u128),
			(pallet_channels::NextChannelId::<Runtime>::hashed_key().to_vec(), scale_u64),
			(pallet_dam_identity::NextMachineId::<Runtime>::hashed_key().to_vec(), scale_u64),
			(pot, scale_pot),
			(asset, scale_asset),
		];
		let totals = known.into_iter().map(|(place, scale)| {
			let before = before.get(&place).cloned().unwrap_or_default();
			let after = after.get(&place).cloned();
			let after = after.ok_or_else(|| Error::genesis("a total is missing"))?;
			Ok(Total { place, before, after, scale })
		});
		Ok(Self(totals.collect::<Result<_, Error>>()?))
	}

	fn places(&self) -> impl Iterator<Item = &Vec<u8>> {
		self.0.iter().map(|total| &total.place)
	}

	fn write(self, times: u64, storage: &mut Storage) -> Result<(), Error> {
		for Total { place, before, after, scale } in self.0 {
			storage.top.insert(place, scale(&before, &after, times)?);
		}
		Ok(())
	}
}

fn decode<T: Decode>(bytes: &[u8]) -> Result<T, Error> {
	T::decode(&mut &bytes[..]).map_err(Error::genesis)
}

/// As [`decode`]; an item that is missing has the default value.
fn decode_or_default<T: Decode + Default>(bytes: &[u8]) -> Result<T, Error> {
	if bytes.is_empty() {
		return Ok(T::default());
	}
	decode(bytes)
}

/// `before` with `times` the difference added.
fn scaled(before: u128, after: u128, times: u64) -> Result<u128, Error> {
	after
		.checked_sub(before)
		.and_then(|each| each.checked_mul(times.into()))
		.and_then(|all| before.checked_add(all))
		.ok_or_else(|| Error::genesis("a total is out of its range"))
}

fn scale_u128(before: &[u8], after: &[u8], times: u64) -> Result<Vec<u8>, Error> {
	scaled(decode_or_default(before)?, decode(after)?, times).map(|total| total.encode())
}

fn scale_u64(before: &[u8], after: &[u8], times: u64) -> Result<Vec<u8>, Error> {
	let (before, after): (u64, u64) = (decode_or_default(before)?, decode(after)?);
	let total = scaled(before.into(), after.into(), times)?;
	u64::try_from(total).map(|total| total.encode()).map_err(Error::genesis)
}

fn scale_pot(before: &[u8], after: &[u8], times: u64) -> Result<Vec<u8>, Error> {
	let before: pallet_assets::AssetAccountOf<Runtime, ()> = decode(before)?;
	let mut account: pallet_assets::AssetAccountOf<Runtime, ()> = decode(after)?;
	account.balance = scaled(before.balance, account.balance, times)?;
	Ok(account.encode())
}

fn scale_asset(before: &[u8], after: &[u8], times: u64) -> Result<Vec<u8>, Error> {
	type Details = pallet_assets::AssetDetails<Balance, AccountId, Balance>;
	let before: Details = decode(before)?;
	let mut asset: Details = decode(after)?;
	let count = |before: u32, after: u32| {
		let total = scaled(before.into(), after.into(), times)?;
		u32::try_from(total).map_err(Error::genesis)
	};
	asset.supply = scaled(before.supply, asset.supply, times)?;
	asset.accounts = count(before.accounts, asset.accounts)?;
	asset.sufficients = count(before.sufficients, asset.sufficients)?;
	Ok(asset.encode())
}
