//! What is said through the pipes: frames of a length, four bytes in little endian, and SCALE.

use super::*;

#[derive(Encode, Decode)]
pub enum ToPayee {
	States(Vec<(ChannelId, ChannelState)>),
	Pay(ChannelPayment),
	/// Says [`FromPayee::Report`].
	Report,
}

#[derive(Encode, Decode)]
pub enum FromPayee {
	Answer(Answer),
	Claims(Vec<Batch>),
	/// What is known of every channel: what was accepted. And what is under way.
	Report(Vec<(ChannelId, u128)>, Vec<Batch>),
}

#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Batch {
	pub number: u64,
	pub until: u32,
	pub vouchers: Vec<SignedVoucher>,
	pub links: Vec<RevealedLink>,
}

impl From<&ClaimBatch> for Batch {
	fn from(batch: &ClaimBatch) -> Self {
		let (vouchers, links) = match batch.claims.clone() {
			Claims::Vouchers(vouchers) => (vouchers, Vec::new()),
			Claims::Links(links) => (Vec::new(), links),
		};
		Self { number: batch.number, until: batch.until, vouchers, links }
	}
}

#[derive(Encode, Decode)]
pub enum FromPayer {
	/// The terms of its hash chain.
	Terms(Terms),
	/// Ready: what was promised so far, and the last promise of it.
	Status(Vec<(ChannelId, u128, Option<ChannelPayment>)>),
	Payment(ChannelPayment),
	Intent(SignedIntent),
}

/// Writes a frame with one call, so that a kill leaves all of it or a part at the end.
pub fn send(to: &mut impl Write, message: &impl Encode) -> io::Result<()> {
	let body = message.encode();
	let mut frame = (body.len() as u32).to_le_bytes().to_vec();
	frame.extend(body);
	to.write_all(&frame)?;
	to.flush()
}

/// The next frame; `None` at the end, also in the middle of a frame.
pub fn receive<T: Decode>(from: &mut impl Read) -> Option<T> {
	let mut length = [0; 4];
	from.read_exact(&mut length).ok()?;
	let mut body = vec![0; u32::from_le_bytes(length) as usize];
	from.read_exact(&mut body).ok()?;
	Some(T::decode_all(&mut &body[..]).expect("the other side writes whole messages"))
}
