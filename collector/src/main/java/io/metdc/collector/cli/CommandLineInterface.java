package io.metdc.collector.cli;

import io.metdc.collector.config.InvalidConfiguration;
import io.metdc.collector.config.Problem;
import io.metdc.storage.DatabaseException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/// All commands of metdc. Whatever goes wrong ends in one clear line on stderr and the fitting exit code.
public final class CommandLineInterface {
    private static final String DEBUG = "--debug";
    private static final int HELP_COLUMNS = 80;

    private final Surroundings surroundings;
    private final @Nullable Program program;

    /// @param program what `run`, `rehearse` and `simulate` start; null where there is none, then these
    ///                commands are missing
    public CommandLineInterface(Surroundings surroundings, @Nullable Program program) {
        this.surroundings = surroundings;
        this.program = program;
    }

    @Command(
            name = "metdc",
            versionProvider = Version.class,
            description = {"Records every public trade of many crypto exchanges, and Upbit's listings."},
            footerHeading = "Exit codes: ",
            footer = "0 done, 1 failed, 2 wrong use, 3 found something, 75 restart me.")
    private static final class Metdc {}

    /// Runs one command.
    ///
    /// @return the exit code
    public int execute(String... arguments) {
        boolean debug = Arrays.asList(arguments).contains(DEBUG);
        return commandLine(debug).execute(arguments);
    }

    CommandLine commandLine(boolean debug) {
        Terminal terminal = surroundings.terminal();
        CommandLine metdc = new CommandLine(new Metdc());
        metdc.getCommandSpec()
                .addOption(OptionSpec.builder("-V", "--version")
                        .versionHelp(true)
                        .description("Print the version.")
                        .build())
                .addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .scopeType(ScopeType.INHERIT)
                        .description("Explain this command.")
                        .build())
                .addOption(OptionSpec.builder(DEBUG)
                        .type(boolean.class)
                        .scopeType(ScopeType.INHERIT)
                        .description("On an error print the whole stack trace.")
                        .build());
        if (program != null) {
            metdc.addSubcommand(new RunCommand(surroundings, program));
            metdc.addSubcommand(new RehearseCommand(terminal, program));
            metdc.addSubcommand(new SimulateCommand(surroundings, program));
            metdc.addSubcommand(new ProbeCommand(surroundings));
            metdc.addSubcommand(ListingCommand.commandLine(surroundings, program));
        }
        metdc.addSubcommand(new StatusCommand(surroundings));
        metdc.addSubcommand(SymbolsCommand.commandLine(surroundings));
        metdc.addSubcommand(new DecodeCommand(surroundings));
        metdc.addSubcommand(NoticesCommand.commandLine(surroundings));
        metdc.addSubcommand(new QueryCommand(surroundings));
        metdc.addSubcommand(new AuditCommand(surroundings));
        metdc.addSubcommand(DatabaseCommand.commandLine(surroundings));
        metdc.addSubcommand(ConfigCommand.commandLine(surroundings));
        metdc.addSubcommand(new ExplainCommand());
        metdc.setCaseInsensitiveEnumValuesAllowed(true);
        wholeNumbers(metdc);
        spaced(metdc);
        metdc.setUsageHelpWidth(HELP_COLUMNS);
        metdc.setUsageHelpLongOptionsMaxWidth(26);
        metdc.setColorScheme(CommandLine.Help.defaultColorScheme(terminal.interactive() ? Ansi.ON : Ansi.OFF));
        metdc.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
        metdc.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        metdc.setParameterExceptionHandler((e, _) -> misused(e, terminal.err(), debug));
        metdc.setExecutionExceptionHandler((e, _, _) -> failed(e, terminal.err(), debug));
        return metdc;
    }

    private static int misused(ParameterException e, PrintStream err, boolean debug) {
        CommandLine command = e.getCommandLine();
        if (e instanceof UnmatchedArgumentException unmatched) {
            say(err, unmatched(unmatched));
        } else if (command.getParseResult() != null
                && command.getParseResult().matchedArgs().isEmpty()
                && !command.getSubcommands().isEmpty()) {
            command.usage(err, command.getColorScheme()); // a group of commands, and none of them was asked for
            return ExitCode.USAGE;
        } else {
            say(err, String.valueOf(e.getMessage()));
        }
        err.println("How to use it: " + command.getCommandSpec().qualifiedName() + " --help");
        trace(e, err, debug);
        return ExitCode.USAGE;
    }

    private static String unmatched(UnmatchedArgumentException e) {
        CommandLine command = e.getCommandLine();
        String first = e.getUnmatched().getFirst().replaceFirst("(?s)^(-[^=]*)=.*", "$1");
        String name = command.getCommandSpec().qualifiedName();
        List<String> near = e.getSuggestions();
        if (first.startsWith("-")) {
            return name + " has no option " + first + (near.isEmpty() ? "" : "; did you mean " + near.getFirst() + "?");
        }
        if (command.getSubcommands().isEmpty()) {
            return "'" + first + "' is more than " + name + " takes";
        }
        return "there is no command '" + first + "'"
                + (near.isEmpty()
                        ? "; " + name + " has "
                                + String.join(", ", command.getSubcommands().keySet())
                        : "; did you mean " + name + " " + near.getFirst().replaceFirst(".* ", "") + "?");
    }

    private static void wholeNumbers(CommandLine metdc) {
        metdc.registerConverter(int.class, text -> whole(text, Integer::parseInt));
        metdc.registerConverter(long.class, text -> whole(text, Long::parseLong));
    }

    private static <N extends Number> N whole(String text, Function<String, N> reading) {
        try {
            return reading.apply(text);
        } catch (NumberFormatException e) {
            throw new TypeConversionException(
                    "'" + text + "' is not a whole number" + (text.matches("[-+]?\\d+") ? " of this size" : ""));
        }
    }

    /// An empty line before each list of a help.
    private static void spaced(CommandLine command) {
        command.getCommandSpec()
                .usageMessage()
                .parameterListHeading("%n")
                .optionListHeading("%n")
                .commandListHeading("%nCommands:%n");
        command.getSubcommands().values().forEach(CommandLineInterface::spaced);
    }

    private static int failed(Exception e, PrintStream err, boolean debug) {
        int exitCode = switch (e) {
            case InvalidConfiguration invalid -> {
                for (Problem problem : invalid.problems()) {
                    say(err, problem.toString());
                }
                yield ExitCode.USAGE;
            }
            case CommandException failure -> {
                say(err, String.valueOf(failure.getMessage()));
                yield failure.exitCode();
            }
            case DatabaseException unusable -> {
                say(err, String.valueOf(unusable.getMessage()));
                yield ExitCode.FAILED;
            }
            case InterruptedException _ -> {
                say(err, "interrupted");
                yield ExitCode.FAILED;
            }
            default -> {
                say(err, "unexpected: " + e + (debug ? "" : "; " + DEBUG + " shows where"));
                yield ExitCode.FAILED;
            }
        };
        trace(e, err, debug);
        return exitCode;
    }

    private static void say(PrintStream err, String what) {
        err.println("metdc: " + what.strip().replaceAll("\\R+", " "));
    }

    private static void trace(Exception e, PrintStream err, boolean debug) {
        if (debug) {
            e.printStackTrace(err);
        }
    }
}
