package io.metdc.listings.watch;

import io.metdc.listings.Source;
import java.time.Duration;

/// Hears a source, on the source's thread, one call at a time. What it throws is logged and stops no source.
public interface SourceListener {
    /// A good answer.
    void answered(Answer answer);

    /// An attempt that gave nothing: no connection, an answer that is not what is due, a refusal.
    ///
    /// @param what  happened, for a person; without keys and tokens
    /// @param pause for how long this host is left alone now
    void failed(Source source, String host, String what, Duration pause);

    /// A part of a good answer that nobody can read was left out; told once of each.
    ///
    /// @param what which part it is, and why it cannot be read
    default void unreadable(Source source, String host, String what) {}

    /// The text of a notice that came with it, after [#answered]; see [NoticeBody].
    default void body(Notice notice, String text) {}
}
