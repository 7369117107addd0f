public import Testing

extension Trait where Self == TimeLimitTrait {
  /// Ends a test with a server that hangs. All tests of a run begin at once and wait for one of a few databases, so
  /// this is a limit on all that ran before a test too, and has to hold on a machine that others use.
  public static var hangLimit: Self { .timeLimit(.minutes(10)) }
}
