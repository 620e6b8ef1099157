import { ts } from "ts-morph";
import { conditionsAbove } from "../source/mutations.ts";
import { isContainer } from "../source/scope.ts";
import { constant, type Datum, type Frame } from "./datum.ts";
import { isTruthy } from "./questions.ts";
import type { Run } from "./run.ts";
import { enteredClause, holdAll } from "./variables.ts";
import { Stopped } from "./world.ts";

export type Ending =
  | { readonly kind: "returned"; readonly value: () => Datum }
  /** A loop in which a `return` may be reached. */
  | { readonly kind: "perhaps"; readonly loop: ts.Statement }
  /** `break` or `continue`. */
  | { readonly kind: "left" }
  | { readonly kind: "passed" };

const passed: Ending = { kind: "passed" };

/** Follows statements to the `return` that this world takes. A `throw` that nothing catches ends the world. */
export function runStatements(statements: readonly ts.Statement[], frame: Frame, run: Run): Ending {
  for (const statement of statements) {
    const ending = runStatement(statement, frame, run);
    if (ending.kind !== "passed") return ending;
  }
  return passed;
}

function runStatement(statement: ts.Statement, frame: Frame, run: Run): Ending {
  if (ts.isReturnStatement(statement)) {
    const { expression } = statement;
    const value =
      expression === undefined
        ? () => constant(undefined, run.files.locate(statement))
        : () => run.evaluate(expression, frame);
    return { kind: "returned", value };
  }
  if (ts.isThrowStatement(statement)) return run.world.stop();
  if (ts.isBreakOrContinueStatement(statement)) return { kind: "left" };
  if (ts.isExpressionStatement(statement))
    return endsProcess(statement.expression) ? run.world.stop() : passed;
  if (!mayLeave(statement)) return passed;
  if (ts.isBlock(statement)) return runStatements(statement.statements, frame, run);
  if (ts.isIfStatement(statement)) {
    const branch = isTruthy(run.evaluate(statement.expression, frame), run.world)
      ? statement.thenStatement
      : statement.elseStatement;
    return branch === undefined ? passed : runStatement(branch, frame, run);
  }
  if (ts.isSwitchStatement(statement)) return runSwitch(statement, frame, run);
  if (ts.isTryStatement(statement)) return runTry(statement, frame, run);
  if (ts.isLabeledStatement(statement)) return runStatement(statement.statement, frame, run);
  return returns(statement) ? { kind: "perhaps", loop: statement } : passed;
}

function runSwitch(statement: ts.SwitchStatement, frame: Frame, run: Run): Ending {
  const entered = enteredClause(statement, frame, run);
  const { clauses } = statement.caseBlock;
  if (entered === undefined) return passed;
  const rest = clauses.slice(clauses.indexOf(entered)).flatMap((clause) => [...clause.statements]);
  const ending = runStatements(rest, frame, run);
  return ending.kind === "left" ? passed : ending;
}

function runTry(statement: ts.TryStatement, frame: Frame, run: Run): Ending {
  const { tryBlock, catchClause } = statement;
  if (catchClause === undefined) return runStatements(tryBlock.statements, frame, run);
  try {
    return runStatements(tryBlock.statements, frame, run);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return runStatements(catchClause.block.statements, frame, run);
  }
}

function endsProcess(expression: ts.Expression): boolean {
  return ts.isCallExpression(expression) && /^process\.(?:exit|abort)$/.test(expression.expression.getText());
}

/** Ends the world where the statements of the function around a node do not get to it. */
export function arriveAt(node: ts.Node, frame: Frame, run: Run): void {
  const isOutside = (ancestor: ts.Node): boolean => isContainer(ancestor);
  for (let at = node; at.parent !== undefined && !isOutside(at); at = at.parent) {
    const { parent } = at;
    const statements =
      ts.isBlock(parent) || ts.isSourceFile(parent) || ts.isCaseOrDefaultClause(parent)
        ? parent.statements
        : undefined;
    const before = statements?.slice(0, statements.indexOf(at as ts.Statement)).filter(mayLeave) ?? [];
    const ending = runStatements(before, frame, run);
    if (ending.kind === "returned" || ending.kind === "left") run.world.stop();
  }
  if (!holdAll(conditionsAbove(node, isOutside), { node }, frame, run)) run.world.stop();
}

/** Whether a statement can end the function, or the loop or `switch` around it. */
function mayLeave(node: ts.Node): boolean {
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) return false;
  if (ts.isReturnStatement(node) || ts.isThrowStatement(node) || ts.isBreakOrContinueStatement(node))
    return true;
  if (ts.isCallExpression(node) && endsProcess(node)) return true;
  return ts.forEachChild(node, mayLeave) ?? false;
}

function returns(node: ts.Node): boolean {
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) return false;
  return ts.isReturnStatement(node) || (ts.forEachChild(node, returns) ?? false);
}
