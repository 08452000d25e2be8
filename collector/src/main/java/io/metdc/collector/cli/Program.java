package io.metdc.collector.cli;

import io.metdc.collector.config.Configuration;
import io.metdc.collector.frames.FrameRecording;
import io.metdc.listings.Listing;
import org.jspecify.annotations.Nullable;

/// What the commands start that do more than answer a question. Each call lasts as long as its command; an
/// interrupt ends it in order.
public interface Program {
    /// The collector service, until the process is told to end. Logging as a service is on.
    ///
    /// @param recording keeps every frame as it came, until the connections are closed; null for none
    /// @return the exit code
    int run(Configuration configuration, @Nullable FrameRecording recording, Terminal terminal) throws Exception;

    /// The whole job on simulated exchanges.
    ///
    /// @return the exit code
    int rehearse(RehearseOptions options, Terminal terminal) throws Exception;

    /// Records a listing by hand: hands it to the service where one runs, and publishes what is over by itself
    /// otherwise.
    ///
    /// @return the exit code
    int record(Configuration configuration, Listing listing, Terminal terminal) throws Exception;

    /// The simulated exchanges alone, until the process is told to end.
    ///
    /// @return the exit code
    int simulate(SimulateOptions options, Terminal terminal) throws Exception;
}
