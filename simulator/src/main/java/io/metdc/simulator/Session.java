package io.metdc.simulator;

import java.util.List;
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

    /// Answers a client's text.
    ///
    /// @return the texts to send, in this order
    List<String> answer(String text);

    /// Appends a print as frames of its own, if the client subscribed it.
    ///
    /// @param executedAtNanos the time to give, which a fault may have changed
    /// @return which rows were appended
    int append(FrameBuffer out, int listing, Chunk chunk, int at, long executedAtNanos, long nowNanos);

    /// The exchange's warning that it will close this connection, or null when it gives none.
    @Nullable
    String shutdownNotice(long nowNanos);

    /// A frame that is no trade, of a kind which clients ignore.
    String otherFrame(long nowNanos);
}
