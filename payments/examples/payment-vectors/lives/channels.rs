//! Channels: opened, claimed from, closed.

use super::*;

type Record = Channel<[u8; 32]>;

const ITEM: &str = "Channels.Channels";

fn opened(deposit: u128, terms: &Terms) -> Life<Record> {
	let mut life = Life::new(|channel, _| described(channel));
	let lock = match terms {
		Terms::Vouchers => by_vouchers("ed25519").lock,
		Terms::HashChain { root, length, unit } => {
			Lock::HashChain { link: *root, index: 0, length: *length, unit: *unit }
		},
	};
	let channel = Channel { deposit, lock, ..by_vouchers("ed25519") };
	let event = event(
		"Channels.Opened",
		[
			fixed_u64("channel", 0),
			fixed_u64("payer", PAYER),
			payee_field("payee", &MACHINE_9),
			fixed_u128("deposit", deposit),
		],
	);
	let call = open_channel(&MACHINE_9, deposit, terms, channel.grace);
	life.step(100, By::Payer, call, Some(channel), event);
	life
}

fn voucher(amount: u128) -> SignedVoucher {
	signed_voucher("ed25519", 0, amount)
}

fn reveal(index: u32) -> RevealedLink {
	RevealedLink { channel: 0, index, link: chain_link(index) }
}

fn top_up(amount: u128) -> Message {
	call("Channels.top_up", [compact("channel", 0u64), compact("amount", amount)])
}

impl Life<Record> {
	fn claim(&mut self, block: u32, call: Message, channel: Record) {
		let amount = channel.settled - self.now().settled;
		let event = event_of("Channels.Claimed", "channel", &[("amount", amount)]);
		self.step(block, By::Anybody, call, Some(channel), event);
	}

	fn claim_voucher(&mut self, block: u32, settled: u128) {
		let channel = Channel { settled, ..self.now() };
		self.claim(block, claim(&voucher(settled)), channel);
	}

	fn claim_link(&mut self, block: u32, index: u32) {
		let lock = Lock::HashChain { link: chain_link(index), index, length: LENGTH, unit: UNIT };
		let channel = Channel { settled: UNIT * u128::from(index), lock, ..self.now() };
		self.claim(block, claim_links(&reveal(index)), channel);
	}

	/// The end, with `settled` paid to the payee in all.
	fn end(&mut self, block: u32, by: By, call: Message, settled: u128) {
		let returned = self.now().deposit - settled;
		let amounts = [("settled", settled), ("returned", returned)];
		let event = event_of("Channels.Closed", "channel", &amounts);
		self.step(block, by, call, None, event);
	}
}

pub fn lives() -> Vec<Value> {
	vec![by_grace(), by_payee(), by_agreement()]
}

fn by_grace() -> Value {
	let mut life = opened(1_000_000, &Terms::Vouchers);
	life.claim_voucher(200, 300_000);
	life.refused(201, By::Anybody, claim(&voucher(300_000)), "NothingNew");
	life.refused(202, By::Anybody, claim(&voucher(1_000_001)), "ExceedsDeposit");
	let forged = SignedVoucher { amount: 400_000, ..voucher(300_000) };
	life.refused(203, By::Anybody, claim(&forged), "InvalidProof");
	life.refused(204, By::Anybody, claim_links(&reveal(1)), "WrongTerms");
	let more = Channel { deposit: 1_500_000, ..life.now() };
	let event = event_of("Channels.ToppedUp", "channel", &[("deposit", more.deposit)]);
	life.step(300, By::Payer, top_up(500_000), Some(more), event);
	life.refused(301, By::Anybody, of("Channels.sweep", "channel"), "GraceRuns");
	request_close(&mut life, 400);
	life.refused(401, By::Payer, top_up(1), "AlreadyClosing");
	life.claim_voucher(4_000, 1_200_000);
	life.refused(4_000, By::Anybody, of("Channels.sweep", "channel"), "GraceRuns");
	life.refused(4_001, By::Anybody, claim(&voucher(1_300_000)), "GraceOver");
	life.end(4_001, By::Anybody, of("Channels.sweep", "channel"), 1_200_000);
	life.refused(4_002, By::Anybody, claim(&voucher(1_300_000)), "ChannelNotFound");
	life.vector("vouchers; the payer asks to close", ITEM, 0)
}

fn request_close(life: &mut Life<Record>, block: u32) {
	let last_block = block + life.now().grace;
	let channel = Channel { closing: Some(last_block), ..life.now() };
	let fields = [fixed_u64("channel", 0), fixed_u32("last_block", last_block)];
	let event = event("Channels.CloseRequested", fields);
	life.step(block, By::Payer, of("Channels.request_close", "channel"), Some(channel), event);
}

fn by_payee() -> Value {
	let terms = Terms::HashChain { root: chain_link(0), length: LENGTH, unit: UNIT };
	let mut life = opened(404 * UNIT, &terms);
	life.claim_link(200, 1);
	life.claim_link(300, 400);
	life.refused(301, By::Anybody, claim_links(&reveal(399)), "NothingNew");
	life.refused(302, By::Anybody, claim_links(&reveal(405)), "ExceedsDeposit");
	let other = RevealedLink { index: 402, ..reveal(401) };
	life.refused(303, By::Anybody, claim_links(&other), "InvalidProof");
	life.refused(304, By::Payer, of("Channels.close", "channel"), "NotPayee");
	life.end(305, By::Payee, of("Channels.close", "channel"), 400 * UNIT);
	life.vector("a hash chain; the payee closes", ITEM, 0)
}

fn by_agreement() -> Value {
	let mut life = opened(1_000_000, &Terms::Vouchers);
	life.claim_voucher(200, 300_000);
	life.refused(201, By::Payer, close_agreed(0, 299_999), "AgreementOutdated");
	life.refused(202, By::Payee, close_agreed(0, 400_000), "NotPayer");
	life.end(203, By::Payer, close_agreed(0, 400_000), 400_000);
	life.vector("vouchers; the payer closes with the payee's consent", ITEM, 0)
}
