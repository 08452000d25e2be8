package io.metdc.collector;

import io.metdc.collector.cli.CommandException;
import io.metdc.collector.cli.Program;
import io.metdc.collector.cli.RehearseOptions;
import io.metdc.collector.cli.SimulateOptions;
import io.metdc.collector.cli.Terminal;
import io.metdc.collector.config.Configuration;
import io.metdc.collector.frames.FrameRecording;
import io.metdc.listings.Listing;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// What the commands start that do more than answer a question.
final class Jobs implements Program {
    private final @Nullable Path home;
    private final @Nullable Path addressFile;
    private final InstantSource clock;

    /// @param home        the folder of metdc, null if unknown
    /// @param addressFile where the service says at which address it serves HTTP; null where nobody wants to know
    /// @param clock       by which it is recorded; a rehearsal has its own
    Jobs(@Nullable Path home, @Nullable Path addressFile, InstantSource clock) {
        this.home = home;
        this.addressFile = addressFile;
        this.clock = clock;
    }

    @Override
    public int run(Configuration configuration, @Nullable FrameRecording recording, Terminal terminal)
            throws CommandException {
        return new Service(configuration.settings(), recording, addressFile, clock).run();
    }

    @Override
    public int rehearse(RehearseOptions options, Terminal terminal) throws CommandException {
        return new Rehearsal(options, terminal, home).run();
    }

    @Override
    public int record(Configuration configuration, Listing listing, Terminal terminal) throws CommandException {
        return new HandRecording(configuration.settings(), listing, terminal, clock).run();
    }

    @Override
    public int simulate(SimulateOptions options, Terminal terminal) throws CommandException {
        return new Simulation(options, terminal).run();
    }
}
