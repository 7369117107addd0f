public import EventSourcing

/// All commands there are. This is the one list: routes, OpenAPI, command-line help and the event types follow from it.
public enum CommandCatalogue {
  public static let all: [any PlanCommand.Type] = [
    CreatePlan.self, RegisterPlanVersion.self, RegisterDocument.self, DeclareStatedFigure.self, CiteSource.self,
    AddActionField.self, AddThemeCluster.self, SetGoal.self, AddTaskField.self,
    AddMeasure.self, AddSubMeasure.self, ReviseWording.self, NoteOtherTitle.self,
    AdoptPlan.self, ExtendPlanTerm.self, ClosePlan.self, StartSuccessorVersion.self, CarryOverMeasure.self,
    ReviseGoal.self, MoveMeasure.self, RenumberMeasure.self, ConfigureLists.self,
    RegisterInstitution.self, AddAlias.self, DefineGroup.self, AddGroupMember.self,
    DeclareUnit.self, DeclareHosting.self, DeclareChair.self, RegisterPlaceholder.self,
    RenameInstitution.self, SucceedInstitution.self, DissolveInstitution.self, WithdrawAlias.self,
    RemoveGroupMember.self, ResolvePlaceholder.self, AppointContact.self, ReplaceContact.self,
    AssignLead.self, AssignLeadPartner.self, AssignContributor.self, AssignConsulted.self, AssignUnclear.self,
    EndAssignment.self, ReportProgress.self,
    AcceptAssignment.self, DeclineAssignment.self, ActivateCondition.self, ClarifyRole.self,
    GrantLeadCapException.self, HandOverLead.self,
    PrioritiseMeasure.self, ScheduleMeasure.self, SetMilestone.self, RescheduleMilestone.self, ReachMilestone.self,
    StartPhase.self, EndPhase.self, CorrectReport.self, RecordDeliverable.self, ConcludeExamination.self,
    NoteResources.self, HighlightMeasure.self, RequestSupport.self, GrantSupport.self,
    PauseMeasure.self, ResumeMeasure.self, CompleteMeasure.self, ReopenMeasure.self, MakePermanent.self,
    DiscontinueMeasure.self,
    RegisterStrategy.self, LinkStrategy.self, LinkExternalMeasure.self, LinkMeasures.self, DeclareDependency.self,
    LiftDependency.self, DeclareCrossCutting.self, EndLink.self, RecordExternalStatus.self,
    RaiseIssue.self, EscalateIssue.self, RecordMissedDeadline.self,
    TakeUpIssue.self, ProposeSolution.self, AcceptSolution.self, ReturnEscalation.self, SetDecisionDeadline.self,
    DecideEscalation.self, CompleteFollowUp.self, ResolveIssue.self, CloseIssue.self, WithdrawIssue.self,
    ReopenIssue.self,
    RegisterPartnerSystem.self, RotateCredential.self, SuspendPartner.self, ReinstatePartner.self, SubscribeFeed.self,
    ChangeFeedContract.self, EndFeed.self, RegisterWebhook.self, RotateWebhookSecret.self, RemoveWebhook.self,
    OpenLogEpoch.self, RecordViewDigests.self,
    ErasePersonalData.self,
  ]

  public static let byName: [String: any PlanCommand.Type] = Dictionary(
    uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// Commands that anybody may send through the API; the rest belong to the program.
  public static let external: [any PlanCommand.Type] = all.filter { $0.roles != [.system] }
}

/// All event types there are, by their type string.
public enum FactCatalogue {
  public static let byType: [String: any PlanFact.Type] = Dictionary(
    CommandCatalogue.all.flatMap { $0.facts }.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })

  /// The fields whose values can be erased, by kind of fact; kinds without any are left out.
  static let erasableFields: [ObjectIdentifier: [String]] = {
    func fields<Fact: PlanFact>(_ kind: Fact.Type) -> [String] {
      kind.record.fields.filter(\.isDisclosable).map(\.name)
    }
    return Dictionary(uniqueKeysWithValues: byType.values.map { (ObjectIdentifier($0), fields($0)) })
      .filter { !$0.value.isEmpty }
  }()

  /// Reads the facts out of an event's data.
  /// - Returns: nil when this build does not know the type, or the data does not fit it.
  public static func fact(type: String, data: JSON) -> (any PlanFact)? {
    guard let kind = byType[type] else { return nil }
    return try? read(kind, data)
  }

  /// Not as an optional of its kind, which the runtime would look up for each event.
  private static func read<Fact: PlanFact>(_ kind: Fact.Type, _ data: JSON) throws(Refusal) -> any PlanFact {
    try kind.record.read(data, except: digestFields)
  }

  private static let digestFields: Set<String> = ["_sd", "_sd_alg"]
}
