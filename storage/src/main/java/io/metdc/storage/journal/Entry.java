package io.metdc.storage.journal;

import io.metdc.market.Consumed;
import io.metdc.market.HoleOutcome;
import io.metdc.market.Instrument;
import io.metdc.market.RejectReason;
import io.metdc.market.Trade;
import java.util.Map;

/// One entry of the journal, as its reader gives it.
public sealed interface Entry {
    Instrument instrument();

    /// A trade to be stored.
    record Traded(Trade trade) implements Entry {
        @Override
        public Instrument instrument() {
            return trade.instrument();
        }
    }

    /// A number that was no public trade. It is counted by a [Counted] of its second, not by this.
    record ConsumedId(Consumed consumed) implements Entry {
        @Override
        public Instrument instrument() {
            return consumed.instrument();
        }
    }

    /// What happened to the rows of an instrument that were received in one second. Trades that were journaled are in
    /// `received` and nowhere else: the writer adds what becomes of them.
    ///
    /// @param second     seconds since the epoch, our clock, of receipt
    /// @param received   trade rows read, whatever became of them; without consumed ids
    /// @param duplicate  those of them that the repeat filter knew already
    /// @param late       those of them that were journaled and came on a stream after one with a higher number
    /// @param consumed   ids that were no public trade
    /// @param byRest     those of the received that were asked for by REST
    /// @param rejected   those of the received that were not journaled, by reason
    record Counted(
            Instrument instrument,
            long second,
            long received,
            long duplicate,
            long late,
            long consumed,
            long byRest,
            Map<RejectReason, Long> rejected)
            implements Entry {

        /// Rows of streams alone.
        public Counted(
                Instrument instrument,
                long second,
                long received,
                long duplicate,
                long late,
                long consumed,
                Map<RejectReason, Long> rejected) {
            this(instrument, second, received, duplicate, late, consumed, 0, rejected);
        }
    }

    /// A row that was rejected, with its detail. It is counted by a [Counted] of its second, not by this.
    record RejectedRow(Instrument instrument, RejectReason reason, long receivedAtNanos, String detail)
            implements Entry {}

    /// A stretch of an instrument's trades that is known to be missing. Ids are sequence numbers.
    ///
    /// @param cause     `missing_ids`, `overflow`, …
    /// @param fromId    the first missing number, or -1 where there are no numbers
    /// @param toId      the last missing number, or -1
    /// @param fromNanos executed time of the last trade before it, 0 if unknown
    /// @param toNanos   executed time of the first trade after it, 0 if unknown
    /// @param expected  how many trades are missing, or -1 if unknown
    record HoleOpened(
            Instrument instrument,
            String cause,
            long fromId,
            long toId,
            long fromNanos,
            long toNanos,
            long expected,
            long openedAtNanos)
            implements Entry {}

    /// A number inside of an open hole was found, by whatever way, or the hole was explained.
    ///
    /// @param sequence the number that arrived
    record HoleFound(Instrument instrument, long sequence, long atNanos) implements Entry {}

    /// It is known what became of a hole, which is named by what [HoleOpened] said of it.
    ///
    /// @param found how many of its trades are there by now, or were no public ones
    record HoleClosed(
            Instrument instrument,
            long openedAtNanos,
            long fromId,
            long toId,
            HoleOutcome outcome,
            long found,
            long closedAtNanos)
            implements Entry {}

    /// From now on it is collected, or no longer: what is missing of it after this is missing.
    record Collected(Instrument instrument, boolean begins, long atNanos) implements Entry {}

    /// The trades of a stream that follow came on a connection of which it is not known yet since when it gives
    /// everything: until a [Collected] or a hole of an interruption, they say nothing of what came before them.
    record Unproven(Instrument instrument) implements Entry {}
}
