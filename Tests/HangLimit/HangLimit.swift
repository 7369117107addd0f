public import Testing

extension Trait where Self == TimeLimitTrait {
  /// Ends a test that hangs. All tests of a run begin at once and share two cores, or a few databases, so this limits
  /// all that ran before a test too, and has to hold on a machine that others use.
  public static var hangLimit: Self { .timeLimit(.minutes(10)) }
}
