import ArgumentParser
import Composition

struct Token: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make an access token, signed by the local key.",
    discussion: """
      The actor's name does not go into the token or the log: both carry an id made of it, the same for the same name.
      A lead or contributor needs --institution and acts for that one only. A partner system needs --partner, the slug
      under which the office has registered it, and reads its own feeds.
      """)

  @Option(help: "Who it is for; any name you will recognise.") var actor: String
  @Option(help: "coordinator, lead, contributor, steering, auditor or partner.") var role: String
  @Option(help: "Slug of the actor's institution.") var institution: String?
  @Option(help: "Slug of the partner system, for the role partner.") var partner: String?
  @Option(help: "Slug of the only plan that the token is for; all plans without.") var plan: String?
  @Option(help: "Days until it expires, at most 366.") var days = 30
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    guard (1...366).contains(days) else { throw ValidationError("--days is 1 to 366") }
    guard TokenRoles.all.contains(role) else {
      throw ValidationError("--role is one of \(TokenRoles.all.joined(separator: ", "))")
    }
    if TokenRoles.needInstitution.contains(role), institution == nil {
      throw ValidationError("the role \(role) needs --institution")
    }
    guard (partner != nil) == (role == "partner") else {
      throw ValidationError(
        partner == nil ? "the role partner needs --partner" : "--partner is for the role partner")
    }
  }

  func run() async throws {
    let configuration = try await ServerConfiguration.load()
    let token = try await TokenRoles.issue(
      configuration, actor: actor, role: role, institution: institution, partner: partner, plan: plan,
      days: days)
    if json { try sayJSON(["token": token]) } else { say(token) }
  }
}
