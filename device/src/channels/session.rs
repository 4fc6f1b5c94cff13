//! A payer's connection to a payee.

use std::{
	io,
	net::{SocketAddr, TcpStream},
	time::Duration,
};

use codec::MaxEncodedLen;
use dam_payments::{PayError, Payer, Reaction};
use dam_primitives::{exchange::Refusal, Answer, ChannelPayment};
use thiserror::Error;

use super::wire::{self, WireError, MAX_GOODS};
use crate::{amount::Usdt, error::promise_code};

/// How long an answer may take: the payee may have to look the channel up first.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// Why a payment did not get through, or was not taken.
#[derive(Debug, Error)]
pub enum SessionError {
	/// Nobody is there.
	#[error("cannot reach the payee at {address}: {cause}; check that it runs there")]
	Connect {
		/// Where.
		address: SocketAddr,
		/// What the system said.
		cause: io::Error,
	},
	/// The connection. What was promised stays promised: the next payment includes it.
	#[error(transparent)]
	Wire(#[from] WireError),
	/// The payer's side.
	#[error(transparent)]
	Payer(#[from] PayError),
	/// The payee does not take it. What was promised stays promised: the next payment includes it.
	#[error("the payee takes {unpaid} USDT less than was promised: {}", refusal.explain())]
	Refused {
		/// How much it does not have.
		unpaid: Usdt,
		/// Why.
		refusal: Refusal,
	},
	/// The payee says that it has more than was promised.
	#[error(
		"the payee claims to have {0} USDT, which is more than was ever promised: it errs, or the \
		 payer's store is an old copy; pay nothing more through this channel and close it"
	)]
	Impossible(Usdt),
	/// The payee answers for another channel.
	#[error("the payee answers for another channel: it speaks another protocol")]
	OtherChannel,
}

impl SessionError {
	/// A short name that programs can rely on.
	pub(crate) const fn code(&self) -> &'static str {
		match self {
			Self::Connect { .. } | Self::Wire(_) => "network",
			Self::Payer(error) => promise_code(error),
			Self::Refused { .. } => "payment-refused",
			Self::Impossible(_) | Self::OtherChannel => "bad-answer",
		}
	}
}

/// A payment that the payee has on its disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Paid {
	/// What the payee has accepted through the channel in all.
	pub accepted: Usdt,
}

/// An open connection to a payee.
#[derive(Debug)]
pub struct Session {
	stream: TcpStream,
}

impl Session {
	/// Connects.
	///
	/// # Errors
	/// [`SessionError::Connect`].
	pub fn connect(address: SocketAddr) -> Result<Self, SessionError> {
		let failed = |cause| SessionError::Connect { address, cause };
		let stream = TcpStream::connect_timeout(&address, CONNECT).map_err(failed)?;
		// One small message waits for the answer to the last.
		stream.set_nodelay(true).map_err(failed)?;
		Ok(Self { stream })
	}

	/// Hands a payment over and gives the answer as it came.
	///
	/// # Errors
	/// [`WireError`].
	pub fn exchange(&mut self, payment: &ChannelPayment) -> Result<Answer, WireError> {
		wire::send(&mut self.stream, payment, PATIENCE)?;
		wire::receive(&mut self.stream, Answer::max_encoded_len(), PATIENCE, PATIENCE)
	}

	/// The data that the payee sells, after an answer that accepts.
	///
	/// # Errors
	/// [`WireError`].
	pub fn goods(&mut self) -> Result<Vec<u8>, WireError> {
		wire::read(&mut self.stream, MAX_GOODS, PATIENCE, PATIENCE)
	}

	/// Hands a promise of `payer` over until the payee has everything that was promised through its
	/// channel.
	///
	/// # Errors
	/// [`SessionError`]. The promise stands in any case: the next payment through the channel includes
	/// it.
	pub fn pay(&mut self, payer: &Payer, payment: ChannelPayment) -> Result<Paid, SessionError> {
		let mut answer = self.exchange(&payment)?;
		// Whoever gets the last promise has everything, so one more attempt is enough.
		for last_attempt in [false, true] {
			if answer.channel != payment.channel() {
				return Err(SessionError::OtherChannel);
			}
			let accepted = Usdt::from_units(answer.accepted);
			match payer.react(&answer)? {
				Reaction::Paid => return Ok(Paid { accepted }),
				Reaction::Refused { unpaid, refusal } => {
					let unpaid = Usdt::from_units(unpaid);
					return Err(SessionError::Refused { unpaid, refusal });
				},
				Reaction::SendAgain(last) if !last_attempt => answer = self.exchange(&last)?,
				Reaction::SendAgain(_) | Reaction::Impossible => {
					return Err(SessionError::Impossible(accepted))
				},
			}
		}
		Err(SessionError::OtherChannel)
	}
}
