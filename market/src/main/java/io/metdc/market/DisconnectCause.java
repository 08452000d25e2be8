package io.metdc.market;

import java.util.Locale;

/// Why a connection ended, as one word that stays the same.
public enum DisconnectCause {
    /// The collector was told to end, or does without this connection.
    ASKED_TO_STOP,
    /// We ended it for a new one.
    REPLACED,
    /// It lives on with other instruments.
    RESUBSCRIBED,
    /// The other side said goodbye, or that it is about to.
    CLOSED_BY_EXCHANGE,
    /// It broke off without a word.
    RESET,
    /// Nothing at all arrived any more.
    SILENT,
    /// It answered, and gave no more trades.
    STALLED,
    /// What came could not be read.
    UNREADABLE,
    /// A request got no answer.
    UNANSWERED,
    /// The exchange did not give what was asked for.
    REFUSED,
    /// The exchange wants to be left alone.
    BANNED,
    /// The journal took nothing: there was no room for what came.
    NO_ROOM,
    /// A fault of ours.
    FAILED,
    /// The process was killed.
    CRASH;

    /// As written in tables: `closed_by_exchange`.
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
