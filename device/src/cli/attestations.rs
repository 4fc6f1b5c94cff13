//! `attest`: what accredited third parties say.

use dam_device::{
	attestations::{
		is_made_of, Attested, Attester, IssueBatch, NewAttestation, Renewal, RenewalBatch,
		Revocation, RevocationBatch,
	},
	chain::Network,
	queries, AccountId, Done,
};
use dam_primitives::{AttestationInfo, ClaimType, Subject};
use serde_json::{json, Value};

use super::{
	args::{Accreditor, AttestBatch, AttestCommand, BatchCommand, ClaimOf, Global, Issue},
	connect::{account, connect_to, hash, now, spec, subject, Signing},
	failure::Failure,
	output::{count, fee, transaction, Output},
	show::name,
};

pub(super) async fn run(
	command: &AttestCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	match command {
		AttestCommand::Issue(issue) => self::issue(issue, global, output).await,
		AttestCommand::Renew { of, expiry } => {
			let (signing, subject) = signing(of, global, output)?;
			let network = signing.connect().await?;
			let expires_at = expiry.at(now(&network).await?);
			let item = Renewal { subject, claim: of.claim, expires_at };
			let attester = Attester::new(&network, signing.key(), signing.patience());
			let result = attester.renew(&item, &mut |step| output.settling(&step)).await?;
			attested(output, &result, item.subject, of.claim, expires_at);
			Ok(())
		},
		AttestCommand::Revoke(of) => {
			let (signing, subject) = signing(of, global, output)?;
			let network = signing.connect().await?;
			let item = Revocation { subject, claim: of.claim };
			let attester = Attester::new(&network, signing.key(), signing.patience());
			let result = attester.revoke(&item, &mut |step| output.settling(&step)).await?;
			let details = json!({ "subject": item.subject, "claim": of.claim });
			let what = what(of.claim, &item.subject);
			output.done(&result, details, &format!("{what} is attested no more"));
			Ok(())
		},
		AttestCommand::Batch(command) => batch(command, global, output).await,
		AttestCommand::Remove { of, attester } => {
			let attester = account(attester)?;
			let (signing, subject) = signing(of, global, output)?;
			let network = signing.connect().await?;
			let anybody = Attester::new(&network, signing.key(), signing.patience());
			let mut progress = |step| output.settling(&step);
			let result = anybody.remove(&subject, of.claim, attester, &mut progress).await?;
			let text = format!("{} by {attester} is removed", what(of.claim, &subject));
			let details = json!({ "subject": subject, "claim": of.claim, "attester": attester });
			output.done(&result, details, &text);
			Ok(())
		},
		AttestCommand::List { subject, limit } => list(subject, *limit, global, output).await,
		AttestCommand::Attesters { subject, claim, at } => {
			attesters(subject, *claim, *at, global, output).await
		},
		AttestCommand::Accredit(accreditor) => govern(accreditor, true, global, output).await,
		AttestCommand::WithdrawAccreditation(accreditor) => {
			govern(accreditor, false, global, output).await
		},
		AttestCommand::Accreditation { account, claim } => {
			accreditation(account, *claim, global, output).await
		},
	}
}

fn signing<'a>(
	of: &ClaimOf,
	global: &'a Global,
	output: &'a Output,
) -> Result<(Signing<'a>, Subject<AccountId>), Failure> {
	let signing = Signing::open(&of.key, global, output)?;
	let subject = signing.subject(&of.subject)?;
	Ok((signing, subject))
}

async fn issue(issue: &Issue, global: &Global, output: &Output) -> Result<(), Failure> {
	let Issue { of, evidence, expiry } = issue;
	let evidence = hash("--evidence", evidence)?.0;
	let (signing, subject) = signing(of, global, output)?;
	let network = signing.connect().await?;
	let expires_at = expiry.at(now(&network).await?);
	let item = NewAttestation { subject, claim: of.claim, evidence, expires_at };
	let attester = Attester::new(&network, signing.key(), signing.patience());
	let result = attester.issue(&item, &mut |step| output.settling(&step)).await?;
	attested(output, &result, item.subject, of.claim, expires_at);
	Ok(())
}

async fn govern(
	accreditor: &Accreditor,
	accredit: bool,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let Accreditor { key, attester: who, claim } = accreditor;
	let who = account(who)?;
	let signing = Signing::open(key, global, output)?;
	let network = signing.connect().await?;
	let governance = Attester::new(&network, signing.key(), signing.patience());
	let mut progress = |step| output.settling(&step);
	let (result, now) = match accredit {
		true => (governance.accredit(who, *claim, &mut progress).await?, "now"),
		false => (governance.withdraw_accreditation(who, *claim, &mut progress).await?, "no more"),
	};
	let details = json!({ "attester": who, "claim": claim, "accredited": accredit });
	output.done(&result, details, &format!("{who} may attest {} {now}", name(claim)));
	Ok(())
}

fn attested(
	output: &Output,
	result: &Done,
	subject: Subject<AccountId>,
	claim: ClaimType,
	expires_at: u32,
) {
	let text = format!("{} is attested until block {expires_at}", what(claim, &subject));
	let details = json!({ "subject": subject, "claim": claim, "expiresAt": expires_at });
	output.done(result, details, &text);
}

fn what(claim: ClaimType, subject: &Subject<AccountId>) -> String {
	format!("{} of {}", name(&claim), describe(subject))
}

fn describe(subject: &Subject<AccountId>) -> String {
	match subject {
		Subject::Machine(machine) => format!("machine {machine}"),
		Subject::Account(account) => account.to_string(),
	}
}

async fn batch(command: &BatchCommand, global: &Global, output: &Output) -> Result<(), Failure> {
	let (BatchCommand::Issue(args) | BatchCommand::Renew(args) | BatchCommand::Revoke(args)) =
		command;
	let AttestBatch { key, file } = args;
	let signing = Signing::open(key, global, output)?;
	let id = Some(signing.network_id());
	// The file is checked before the network is bothered.
	enum Items {
		Issue(IssueBatch),
		Renew(RenewalBatch),
		Revoke(RevocationBatch),
	}
	let items = match command {
		BatchCommand::Issue(_) => Items::Issue(IssueBatch::read(file, id)?),
		BatchCommand::Renew(_) => Items::Renew(RenewalBatch::read(file, id)?),
		BatchCommand::Revoke(_) => Items::Revoke(RevocationBatch::read(file, id)?),
	};
	let network = signing.connect().await?;
	let attester = Attester::new(&network, signing.key(), signing.patience());
	let mut finished: Vec<Attested> = Vec::new();
	let mut progress = |step| output.settling(&step);
	let mut keep = |attested: &Attested| finished.push(attested.clone());
	let result = match &items {
		Items::Issue(items) => attester.issue_batch(items, &mut progress, &mut keep).await,
		Items::Renew(items) => attester.renew_batch(items, &mut progress, &mut keep).await,
		Items::Revoke(items) => attester.revoke_batch(items, &mut progress, &mut keep).await,
	};
	let value = batch_json(&finished);
	match result {
		Err(error) if finished.is_empty() => return Err(error.into()),
		Err(error) => return Err(Failure::from(error).with_details(value)),
		Ok(_) => {},
	}
	output.result(&value, || batch_text(&finished));
	let failed = finished.iter().map(|one| one.failed.len()).sum::<usize>();
	if failed > 0 {
		return Err(Failure::other(format!(
			"{} failed, the others are final: see the list and send what failed again in another \
			 file",
			count(failed, "item")
		)));
	}
	Ok(())
}

fn batch_json(finished: &[Attested]) -> Value {
	let failed = finished.iter().flat_map(|one| &one.failed).map(|(index, failure)| {
		json!({ "index": index, "error": failure.name, "message": failure.explanation })
	});
	json!({
		"transactions": finished.iter().map(|one| transaction(&one.done)).collect::<Vec<_>>(),
		"succeeded": finished.iter().map(|one| one.succeeded).sum::<u32>(),
		"failed": failed.collect::<Vec<_>>(),
	})
}

fn batch_text(finished: &[Attested]) -> String {
	let mut lines = Vec::new();
	for one in finished {
		for (index, failure) in &one.failed {
			lines.push(format!("item {index} (counted from 0) failed: {failure}"));
		}
		lines.push(format!(
			"{} done; final in block {}, fee {}",
			count(one.succeeded as usize, "item"),
			one.done.block.number,
			fee(one.done.fee, one.done.usdt_fee)
		));
	}
	lines.join("\n")
}

async fn list(text: &str, limit: u32, global: &Global, output: &Output) -> Result<(), Failure> {
	let spec = spec(global)?;
	let subject = subject(text, &spec)?;
	let network = connect_to(&spec, global, output).await?;
	let found = queries::attestations(&network, &subject, limit as usize).await?;
	output.result(&json!({ "subject": subject, "attestations": found }), || match &found[..] {
		[] => format!("nothing is attested of {}", describe(&subject)),
		all => all.iter().map(line).collect::<Vec<_>>().join("\n"),
	});
	Ok(())
}

fn line(one: &AttestationInfo<AccountId>) -> String {
	let state = match (one.valid, one.revoked_at) {
		(true, _) => "valid".into(),
		(false, Some(block)) => format!("revoked in block {block}"),
		(false, None) => "not valid".into(),
	};
	format!(
		"{:<17} by {}, blocks {} to {}, {state}, evidence 0x{}",
		name(&one.claim),
		one.attester,
		one.issued_at,
		one.expires_at,
		hex::encode(one.evidence),
	)
}

async fn attesters(
	text: &str,
	claim: ClaimType,
	at: Option<u32>,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let spec = spec(global)?;
	let subject = subject(text, &spec)?;
	if !is_made_of(claim, &subject) {
		return Err(Failure::usage(format!(
			"`{}` is not attested of {}: identity checks are of accounts, everything else is of \
			 machines",
			name(&claim),
			describe(&subject)
		)));
	}
	let network = connect_to(&spec, global, output).await?;
	let at = match at {
		Some(block) => block,
		None => now(&network).await?,
	};
	let found = network.attesters(&subject, claim, at).await?;
	let value = json!({ "subject": subject, "claim": claim, "at": at, "attesters": found });
	output.result(&value, || match &found[..] {
		[] => format!("nobody attests {} of {} in block {at}", name(&claim), describe(&subject)),
		all => all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
	});
	Ok(())
}

async fn accreditation(
	text: &str,
	claim: Option<ClaimType>,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let account = account(text)?;
	let spec = spec(global)?;
	let network = connect_to(&spec, global, output).await?;
	let at = now(&network).await?;
	let asked = claim.map_or_else(|| "anything".into(), |claim| name(&claim));
	let claims = claim.map_or_else(|| ClaimType::ALL.to_vec(), |claim| vec![claim]);
	let mut found = Vec::new();
	for claim in claims {
		if let Some(one) = network.accreditation(claim, account).await? {
			found.push((claim, one));
		}
	}
	let all = found.iter().map(|(claim, one)| {
		let mut value = json!(one);
		value["claim"] = json!(claim);
		value["accredited"] = json!(one.holds_at(at));
		value
	});
	let value = json!({ "account": account, "at": at, "accreditations": all.collect::<Vec<_>>() });
	output.result(&value, || {
		if found.is_empty() {
			return format!("{account} was never accredited for {asked}");
		}
		let lines = found.iter().map(|(claim, one)| {
			let end = one.until.map_or_else(String::new, |block| format!(" until block {block}"));
			format!("{:<17} since block {}{end}", name(claim), one.since)
		});
		lines.collect::<Vec<_>>().join("\n")
	});
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_device::{
		chain::{Block, DispatchFailure},
		Dam, Usdt,
	};

	#[test]
	fn batches_should_be_reported_with_what_failed() {
		let failure = DispatchFailure {
			name: "Attestations.AlreadyIssued".into(),
			explanation: "The attester attests this already.".into(),
		};
		let one = Attested {
			done: Done {
				transaction: Default::default(),
				block: Block { number: 5, hash: Default::default() },
				fee: Dam::default(),
				usdt_fee: Usdt::default(),
			},
			succeeded: 2,
			failed: vec![(1, failure)],
		};
		let value = batch_json(&[one.clone(), one.clone()]);
		assert_eq!(value["succeeded"], 4);
		assert_eq!(value["failed"][0]["error"], "Attestations.AlreadyIssued");
		assert_eq!(value["failed"][0]["index"], 1);
		let text = batch_text(&[one]);
		assert!(text.contains("item 1 (counted from 0) failed"), "{text}");
		assert!(text.contains("2 items done; final in block 5"), "{text}");
	}
}
