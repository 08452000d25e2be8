package io.metdc.collector.config;

/// Where the value of a setting came from; its text form is what `config show` prints and errors begin
/// with.
public sealed interface ValueOrigin {
    /// A value of higher rank replaces one of lower rank.
    int rank();

    /// Built in.
    record Default() implements ValueOrigin {
        static final Default INSTANCE = new Default();

        @Override
        public int rank() {
            return 0;
        }

        @Override
        public String toString() {
            return "default";
        }
    }

    /// In the configuration file.
    ///
    /// @param name the file as it is shown to people
    /// @param line counted from 1
    record InFile(String name, int line) implements ValueOrigin {
        @Override
        public int rank() {
            return 1;
        }

        @Override
        public String toString() {
            return name + ":" + line;
        }
    }

    /// In a variable of the environment.
    record Environment(String variable) implements ValueOrigin {
        @Override
        public int rank() {
            return 2;
        }

        @Override
        public String toString() {
            return variable;
        }
    }

    /// On the command line.
    ///
    /// @param option as the user wrote it, without the value: `--set`
    record CommandLine(String option) implements ValueOrigin {
        @Override
        public int rank() {
            return 3;
        }

        @Override
        public String toString() {
            return option;
        }
    }
}
