//! `owner policy`, `owner approve`: what machines may spend.

use dam_device::{
	chain::Network,
	owner::{Owner, PolicyDraft},
	payee::describe_payee,
	AccountId, Usdt,
};
use dam_primitives::{AllowedPayees, Approval, MachineId, Payee, Policy, PolicyInfo};
use serde_json::{json, Value};

use crate::cli::{
	args::{ApprovalExpiry, ApprovedPayment, Global, OwnMachine, PolicyCommand, PolicySet, Who},
	connect::{connect_to, now, spec, Signing},
	failure::Failure,
	output::Output,
	show::{account_or_machine, find, name},
};

pub(super) async fn run(
	command: &PolicyCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	match command {
		PolicyCommand::Set(set) => self::set(set, global, output).await,
		PolicyCommand::Clear(own) => clear(own, global, output).await,
		PolicyCommand::Show(who) => show(who, global, output).await,
	}
}

async fn set(set: &PolicySet, global: &Global, output: &Output) -> Result<(), Failure> {
	let amount = |text: &Option<String>| text.as_deref().map(str::parse::<Usdt>).transpose();
	let signing = Signing::open(&set.own.key, global, output)?;
	let listed = set.payee.iter().map(|text| signing.payee(text)).collect::<Result<Vec<_>, _>>()?;
	let draft = PolicyDraft {
		payment_cap: amount(&set.payment_cap)?,
		period_cap: amount(&set.period_cap)?.zip(set.period),
		payees: (!listed.is_empty() || !set.payee_kind.is_empty())
			.then(|| (listed, set.payee_kind.clone())),
		co_sign_above: amount(&set.co_sign_above)?,
	};
	let policy = draft.build()?;
	let machine = signing.machine(&set.own.machine)?;
	let network = signing.connect().await?;
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let details = json!({ "machine": machine, "policy": rules_json(&policy) });
	let result =
		owner.set_policy(machine, Some(policy), &mut |step| output.settling(&step)).await?;
	output.done(&result, details, &format!("machine {machine} has this spending policy now"));
	Ok(())
}

async fn clear(own: &OwnMachine, global: &Global, output: &Output) -> Result<(), Failure> {
	let signing = Signing::open(&own.key, global, output)?;
	let machine = signing.machine(&own.machine)?;
	let network = signing.connect().await?;
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let result = owner.set_policy(machine, None, &mut |step| output.settling(&step)).await?;
	let details = json!({ "machine": machine, "policy": null });
	output.done(&result, details, &format!("machine {machine} may spend all it has"));
	Ok(())
}

pub(super) async fn approve(
	payment: &ApprovedPayment,
	expiry: &ApprovalExpiry,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let (signing, payee, amount) = approved(payment, global, output)?;
	let machine = signing.machine(&payment.own.machine)?;
	let network = signing.connect().await?;
	let expires_at = expiry.at(now(&network).await?);
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let text = format!(
		"machine {machine} may pay {amount} USDT to {} once, until block {expires_at}",
		describe_payee(&payee)
	);
	let approval = Approval { payee, amount: amount.units(), expires_at };
	let mut details = approval_json(&approval);
	details["machine"] = json!(machine);
	let result = owner.approve(machine, approval, &mut |step| output.settling(&step)).await?;
	output.done(&result, details, &text);
	Ok(())
}

pub(super) async fn revoke_approval(
	payment: &ApprovedPayment,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let (signing, payee, amount) = approved(payment, global, output)?;
	let machine = signing.machine(&payment.own.machine)?;
	let network = signing.connect().await?;
	let owner = Owner::new(&network, signing.key(), signing.patience());
	let text = format!(
		"no approval of {amount} USDT to {} waits for machine {machine} any more",
		describe_payee(&payee)
	);
	let details = json!({ "machine": machine, "payee": payee, "amount": amount });
	let result =
		owner.revoke_approval(machine, payee, amount, &mut |step| output.settling(&step)).await?;
	output.done(&result, details, &text);
	Ok(())
}

fn approved<'a>(
	payment: &ApprovedPayment,
	global: &'a Global,
	output: &'a Output,
) -> Result<(Signing<'a>, Payee<AccountId>, Usdt), Failure> {
	let amount = payment.amount.parse::<Usdt>()?.non_zero()?;
	let signing = Signing::open(&payment.own.key, global, output)?;
	let payee = signing.payee(&payment.payee)?;
	Ok((signing, payee, amount))
}

async fn show(who: &Who, global: &Global, output: &Output) -> Result<(), Failure> {
	let spec = spec(global)?;
	let subject = account_or_machine(who, &spec)?;
	let network = connect_to(&spec, global, output).await?;
	let machine = find(subject, &network).await?.id;
	let rules = network.policy(machine).await?;
	output.result(&policy_json(machine, rules.as_ref()), || {
		rules.map_or_else(
			|| format!("machine {machine} has no spending policy: it may spend all it has"),
			|rules| policy_text(machine, &rules),
		)
	});
	Ok(())
}

fn usdt(units: u128) -> Usdt {
	Usdt::from_units(units)
}

fn approval_json(approval: &Approval<AccountId>) -> Value {
	let Approval { payee, amount, expires_at } = approval;
	json!({ "payee": payee, "amount": usdt(*amount), "expiresAt": expires_at })
}

/// Policies as the chain has them, with amounts in USDT.
fn rules_json(policy: &Policy<AccountId>) -> Value {
	let payees = match &policy.payees {
		AllowedPayees::Anyone => Value::Null,
		AllowedPayees::Only { payees, kinds } => {
			json!({ "listed": payees.as_slice(), "kinds": kinds })
		},
	};
	json!({
		"paymentCap": policy.payment_cap.map(usdt),
		"periodCap": policy.period_cap.map(|cap| json!({
			"amount": usdt(cap.amount),
			"blocks": cap.blocks,
		})),
		"payees": payees,
		"coSignAbove": policy.co_sign_above.map(usdt),
	})
}

fn policy_json(machine: MachineId, rules: Option<&PolicyInfo<AccountId>>) -> Value {
	let Some(PolicyInfo { policy, spent, period_ends_at, approvals }) = rules else {
		return json!({ "machine": machine, "policy": null });
	};
	json!({
		"machine": machine,
		"policy": rules_json(policy),
		"spent": usdt(*spent),
		"periodEndsAt": period_ends_at,
		"approvals": approvals.iter().map(approval_json).collect::<Vec<_>>(),
	})
}

fn policy_text(machine: MachineId, rules: &PolicyInfo<AccountId>) -> String {
	let PolicyInfo { policy, spent, period_ends_at, approvals } = rules;
	let mut lines = vec![format!("what machine {machine} may spend")];
	if let Some(cap) = policy.payment_cap {
		lines.push(format!("a payment       at most {} USDT", usdt(cap)));
	}
	if let Some(cap) = policy.period_cap {
		let state = match period_ends_at {
			Some(block) => format!("{} spent before block {block}", usdt(*spent)),
			None => "none runs".into(),
		};
		lines.push(format!(
			"a period        at most {} USDT in {} blocks; {state}",
			usdt(cap.amount),
			cap.blocks
		));
	}
	if let AllowedPayees::Only { payees, kinds } = &policy.payees {
		let listed = payees.iter().map(describe_payee);
		let kinds = kinds.iter().map(|kind| format!("machines of the kind {}", name(&kind)));
		let all = listed.chain(kinds).collect::<Vec<_>>();
		let all = if all.is_empty() { "nobody".into() } else { all.join(", ") };
		lines.push(format!("payees          {all}"));
	}
	if let Some(threshold) = policy.co_sign_above {
		lines.push(format!("co-signature    for payments above {} USDT", usdt(threshold)));
	}
	for one in approvals {
		lines.push(format!(
			"approved        {} USDT to {} once, until block {}",
			usdt(one.amount),
			describe_payee(&one.payee),
			one.expires_at
		));
	}
	lines.join("\n")
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::{policy::PeriodCap, MachineKind, Policy};

	#[test]
	fn policies_should_be_shown_with_every_rule() {
		let rules = PolicyInfo {
			policy: Policy {
				payment_cap: Some(5_000_000),
				period_cap: Some(PeriodCap { blocks: 60, amount: 50_000_000 }),
				payees: AllowedPayees::Only {
					payees: vec![Payee::Machine(1)].try_into().unwrap(),
					kinds: [MachineKind::EvCharger].into_iter().collect(),
				},
				co_sign_above: Some(1_000_000),
			},
			spent: 8_500_000,
			period_ends_at: Some(700),
			approvals: vec![Approval {
				payee: Payee::Machine(1),
				amount: 2_000_000,
				expires_at: 900,
			}],
		};
		let value = policy_json(0, Some(&rules));
		assert_eq!(value["policy"]["paymentCap"], "5");
		assert_eq!(value["policy"]["periodCap"], json!({ "amount": "50", "blocks": 60 }));
		assert_eq!(
			value["policy"]["payees"],
			json!({ "listed": [{ "machine": 1 }], "kinds": ["ev-charger"] })
		);
		assert_eq!(value["policy"]["coSignAbove"], "1");
		assert_eq!((&value["spent"], &value["periodEndsAt"]), (&json!("8.5"), &json!(700)));
		assert_eq!(
			value["approvals"],
			json!([{ "payee": { "machine": 1 }, "amount": "2", "expiresAt": 900 }])
		);
		let text = policy_text(0, &rules);
		for part in [
			"at most 5 USDT",
			"50 USDT in 60 blocks; 8.5 spent before block 700",
			"machine 1, machines of the kind ev-charger",
			"above 1 USDT",
			"2 USDT to machine 1 once, until block 900",
		] {
			assert!(text.contains(part), "{text}");
		}
		assert_eq!(policy_json(0, None), json!({ "machine": 0, "policy": null }));
	}

	#[test]
	fn policies_that_allow_nobody_should_say_so() {
		let policy = Policy {
			payees: AllowedPayees::Only { payees: Default::default(), kinds: Default::default() },
			..Policy::default()
		};
		let rules = PolicyInfo { policy, spent: 0, period_ends_at: None, approvals: Vec::new() };
		assert!(policy_text(0, &rules).contains("nobody"));
	}
}
