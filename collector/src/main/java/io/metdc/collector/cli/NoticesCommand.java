package io.metdc.collector.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `metdc notices`.
@Command(name = "notices", description = "What Upbit's notices say.")
final class NoticesCommand {
    private NoticesCommand() {}

    static CommandLine commandLine(Surroundings surroundings) {
        return new CommandLine(new NoticesCommand()).addSubcommand(new Parse(surroundings));
    }

    @Command(
            name = "parse",
            description = {
                "Reads titles of notices: which of them announce a listing, of which coins, for which markets.",
                "",
                "Standard input has one title a line. Each becomes a line of JSON, in the same order:",
                "  {\"kind\":\"...\",\"listings\":[{\"symbol\":\"...\",\"markets\":[\"KRW\",...]}]}",
                "",
                "The kind is listing, postponed, delisting, caution, wallet, maintenance, event, rename or other. How many"
                        + " of each there were goes to standard error, with the lines that a person has to look at: those"
                        + " with words of a listing that no rule can read."
            })
    private static final class Parse implements Callable<Integer> {
        private final Surroundings surroundings;

        Parse(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public Integer call() throws Exception {
            Terminal terminal = surroundings.terminal();
            TitleParsing parsing = new TitleParsing();
            if (parsing.run(terminal.in(), terminal.results())) {
                terminal.err().println(parsing.counts());
            }
            return ExitCode.OK;
        }
    }
}
