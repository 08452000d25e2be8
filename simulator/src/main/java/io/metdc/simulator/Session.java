package io.metdc.simulator;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One client's conversation with an exchange: what it subscribed, and how that is written. Runs on the
/// connection's writer thread alone, except [#isSubscribed()].
interface Session {
    /// What [#append] wrote: nothing, or a sum of these.
    int NOTHING = 0;

    int TRADE = 1;
    int CONSUMED = 2;
    int AGGREGATE = 4;

    /// Whether it may want prints at all. Any thread.
    boolean isSubscribed();

    /// How this conversation can say something unasked: frames of texts, from any thread, while it lasts.
    default void connected(Consumer<String> out) {
        // most only answer and send prints
    }

    /// The connection has ended, or never began. Any thread, perhaps more than once.
    default void ended() {
        // most leave nothing behind
    }

    /// The symbols that the address named.
    default List<String> askedByAddress() {
        return List.of();
    }

    /// What is said as soon as the connection is open.
    default List<String> greeting() {
        return List.of();
    }

    /// Answers a client's text.
    ///
    /// Who begins to deliver an instrument says so in [#isSubscribed()] first and then looks how many prints there
    /// are: what it sends of them now must not be sent again by [#append].
    ///
    /// @return what to send, in this order
    List<Reply> answer(String text);

    /// What is sent because the client asked for something.
    sealed interface Reply {
        /// A text that holds no trades.
        record Text(String text) implements Reply {}

        /// A text that holds these public prints of a listing, by their indices in its feed.
        record Past(String text, int listing, List<Long> indices) implements Reply {}

        /// Nothing is sent: what a request subscribes or unsubscribes is entered.
        ///
        /// @param refused those of the symbols that are refused
        record Asked(Sent.Verb verb, List<String> symbols, List<String> refused) implements Reply {}

        /// Nothing is sent: a limit that was not held to is entered.
        record Breached(Limit limit, long used, long allowed, String consequence) implements Reply {}

        /// The connection is closed.
        record Close(int code, String reason) implements Reply {}

        static List<Reply> text(String text) {
            return List.of(new Text(text));
        }
    }

    /// Appends a print, if the client subscribed it: as frames of its own, or where `more` is true perhaps only
    /// the beginning of one, to be ended by the next call.
    ///
    /// @param executedAtNanos the time to give, which a fault may have changed
    /// @param more            whether a print of the same listing and instant is appended next
    /// @return which rows were appended
    int append(FrameBuffer out, int listing, Chunk chunk, int at, long executedAtNanos, long nowNanos, boolean more);

    /// From now on sends no single trades, but aggregated ones all the same, or both again.
    default void muteSingleTrades(boolean muted) {
        // most exchanges have one stream of trades only
    }

    /// From now on sends an object where it sent an array of rows, and the other way round, or no longer.
    default void swap(boolean swapped) {
        // most exchanges have one shape only
    }

    /// An instrument goes on under another name.
    default void renamed(int from, int to) {
        // most exchanges have their clients ask for the new name
    }

    /// The exchange's warning that it will close this connection, or null when it gives none.
    @Nullable
    String shutdownNotice(long nowNanos);

    /// A frame that is no trade, of a kind which clients ignore.
    String otherFrame(long nowNanos);
}
