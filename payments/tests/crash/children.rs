//! What is killed.

use super::*;

pub fn limits() -> Limits {
	Limits { max_channels: 100, max_state_age: 20, claim_margin: 60, max_hashes: LENGTH }
}

pub fn payee(path: &Path, block: &str) -> Result<(), Failure> {
	let now = block.parse::<u32>()? + 1;
	let acceptor = Acceptor::open(path, GENESIS, &PAYEE, limits())?;
	let shared = Arc::new(SharedAcceptor::new(acceptor));
	let claiming = Arc::new(AtomicBool::new(false));

	let (sender, receiver) = mpsc::sync_channel::<ChannelPayment>(64);
	let receiver = Arc::new(Mutex::new(receiver));
	for _ in 0..4 {
		let (shared, receiver) = (shared.clone(), receiver.clone());
		thread::spawn(move || loop {
			let next = receiver.lock().expect("no thread panics").recv();
			let Ok(payment) = next else { return };
			let outcome = match shared.accept(&payment, now) {
				Ok(accepted) => Ok(accepted),
				Err(AcceptError::Refused(refused)) => Err(refused),
				Err(AcceptError::Store(error)) => panic!("{error}"),
			};
			send(&mut io::stdout().lock(), &FromPayee::Answer(answer(&outcome)))
				.expect("the parent reads");
		});
	}
	{
		let (shared, claiming) = (shared.clone(), claiming.clone());
		thread::spawn(move || loop {
			thread::sleep(Duration::from_millis(3));
			if !claiming.load(Ordering::SeqCst) {
				continue;
			}
			let plan = shared
				.with(|acceptor| acceptor.plan(now, &POLICY))
				.and_then(|plan| plan)
				.expect("the disk works");
			assert!(plan.lost.is_empty(), "{plan:?}");
			let batches: Vec<_> = plan.batches.iter().map(Batch::from).collect();
			if !batches.is_empty() {
				send(&mut io::stdout().lock(), &FromPayee::Claims(batches))
					.expect("the parent reads");
			}
		});
	}
	let mut stdin = io::stdin().lock();
	while let Some(message) = receive(&mut stdin) {
		match message {
			ToPayee::States(states) => {
				shared.with(|acceptor| {
					for (channel, state) in states {
						acceptor.observe(channel, state)?;
					}
					acceptor.commit()?;
					Ok::<_, Failure>(())
				})??;
				claiming.store(true, Ordering::SeqCst);
			},
			ToPayee::Pay(payment) => sender.send(payment)?,
			ToPayee::Report => {
				let report = shared.with(|acceptor| {
					let accepted = acceptor
						.channels()
						.filter_map(|id| Some((id, acceptor.status(id)?.accepted)))
						.collect();
					let in_flight = acceptor.in_flight()?;
					let under_way = in_flight.iter().map(Batch::from).collect();
					Ok::<_, Failure>(FromPayee::Report(accepted, under_way))
				})??;
				send(&mut io::stdout().lock(), &report)?;
			},
		}
	}
	Ok(())
}

pub fn payer(path: &Path) -> Result<(), Failure> {
	let mut payer = Payer::open(path, GENESIS)?;
	let key = key();
	let mut stdin = io::stdin().lock();
	let mut stdout = io::stdout().lock();
	if payer.channels().next().is_none() && payer.spare_chains().next().is_none() {
		let terms = payer.make_chain(PAYER_LENGTH, UNIT)?;
		send(&mut stdout, &FromPayer::Terms(terms))?;
	}
	let states: Vec<(ChannelId, ChannelState)> = receive(&mut stdin).ok_or("the parent is gone")?;
	for (channel, state) in states {
		payer.observe(channel, state)?;
	}
	let status = payer
		.channels()
		.filter_map(|id| payer.status(id).map(|status| (id, status.promised, status.last)))
		.collect();
	send(&mut stdout, &FromPayer::Status(status))?;
	loop {
		send(&mut stdout, &FromPayer::Payment(payer.pay(0, 5, &key)?))?;
		send(&mut stdout, &FromPayer::Payment(payer.pay_links(1, 2)?))?;
		let intent = payer.sign_intent(intent(), &key)?;
		send(&mut stdout, &FromPayer::Intent(intent))?;
	}
}

pub fn key() -> MemoryKey {
	MemoryKey::ed25519(&[7; 32])
}

pub fn intent() -> Intent {
	Intent {
		payer: 3,
		payee: PAYEE,
		amount: 5,
		relay_fee: 1,
		valid_from: 1,
		valid_until: 100,
		nonce: 0,
	}
}
