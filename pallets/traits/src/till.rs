//! How pallets move the money of machines.

use dam_primitives::{MachineId, Payee, PaymentFailure};

/// Moves money between wallets, escrow and payees.
///
/// Every method moves exactly the amount, in units of 0.000001 USDT, or changes nothing and tells
/// why: it is safe to go on after an error, without a storage layer. A machine keeps the asset's
/// minimum balance. To [`pay`](Till::pay) and [`lock`](Till::lock) zero is an error; to the others it
/// is nothing to move.
///
/// A payee is the same whether it is named by a machine's number or by the address of its wallet.
///
/// What is in escrow stands in one account without a key; whoever puts money there keeps the book on
/// whose it is.
pub trait Till<AccountId> {
	/// Pays out of a wallet, within the machine's policy.
	fn pay(
		machine: MachineId,
		payee: &Payee<AccountId>,
		amount: u128,
	) -> Result<(), PaymentFailure>;

	/// Puts money of a wallet into escrow for `payee`. It is spent as far as the machine's policy is
	/// concerned, which is asked now and never again for this money.
	///
	/// Whether the payee's account can take it is found out when it is paid out.
	fn lock(
		machine: MachineId,
		payee: &Payee<AccountId>,
		amount: u128,
	) -> Result<(), PaymentFailure>;

	/// Puts money of a wallet into escrow that will come back to it. No policy is asked.
	fn lock_deposit(machine: MachineId, amount: u128) -> Result<(), PaymentFailure>;

	/// Pays out of escrow. No policy is asked: it was when the money was locked.
	fn pay_out(payee: &Payee<AccountId>, amount: u128) -> Result<(), PaymentFailure>;

	/// Does `work`, which pays out of escrow any number of times through the function that it is
	/// given. Each time is as good as a [`pay_out`](Till::pay_out), and cheaper: the sum leaves escrow
	/// once, after `work`.
	///
	/// # Errors
	/// Escrow did not let the sum go: a book was wrong. What `work` stored is undone with the rest.
	fn pay_outs<R>(
		work: impl FnOnce(&mut PayOut<'_, AccountId>) -> R,
	) -> Result<R, PaymentFailure> {
		Ok(work(&mut |payee, amount| Self::pay_out(payee, amount)))
	}

	/// Gives money in escrow back to the wallet it came from: no income of the machine.
	fn release(machine: MachineId, amount: u128) -> Result<(), PaymentFailure>;

	/// Makes `amount` out of nothing in the wallet of `machine`, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_fund(machine: MachineId, amount: u128);

	/// See [`SpendingPolicy::benchmark_policy`](crate::SpendingPolicy::benchmark_policy): pay or lock
	/// no more than [`BENCHMARK_AMOUNT`](crate::BENCHMARK_AMOUNT) afterwards.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_policy(machine: MachineId, payee: &Payee<AccountId>);
}

/// What [`Till::pay_outs`] lends: pays an amount out of escrow to a payee, or tells why not.
pub type PayOut<'a, AccountId> =
	dyn FnMut(&Payee<AccountId>, u128) -> Result<(), PaymentFailure> + 'a;

/// Sees every income of a machine, on every path that brings one, after it has arrived and after it
/// has left the payer's account. Paying the machine's address with the asset's own calls is a gift,
/// not an income.
pub trait OnIncome {
	/// `machine` was paid `amount`, in units of 0.000001 USDT; never zero. What it is paid by one call
	/// in several parts may be told of as their sum.
	fn on_income(machine: MachineId, amount: u128);
}

/// Nobody looks.
impl OnIncome for () {
	fn on_income(_: MachineId, _: u128) {}
}
