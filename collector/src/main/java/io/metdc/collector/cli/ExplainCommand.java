package io.metdc.collector.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `metdc help`.
@Command(name = "help", helpCommand = true, description = "Explains metdc, or one of its commands.")
final class ExplainCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "The command, such as decode, or config show.")
    private List<String> names = new ArrayList<>();

    @Override
    public Integer call() throws CommandException {
        CommandLine command = Objects.requireNonNull(spec).root().commandLine();
        for (String name : names) {
            CommandLine next = command.getSubcommands().get(name);
            if (next == null) {
                throw CommandException.usage("there is no command '" + String.join(" ", names) + "'; "
                        + command.getCommandSpec().qualifiedName() + " has "
                        + String.join(", ", command.getSubcommands().keySet()));
            }
            command = next;
        }
        command.usage(command.getOut());
        return ExitCode.OK;
    }
}
