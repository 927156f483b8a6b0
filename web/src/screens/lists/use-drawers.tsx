import { type ReactNode, useState } from "react";
import type { ListName, NoneKnown } from "../../../../core/contract/chart.ts";
import { AddDrawer, EditDrawer, type ListedItem } from "./item-drawer.tsx";
import { type Reconcilable, ReconcileDrawer } from "./reconcile-drawer.tsx";

type Opened =
  | { readonly kind: "add" }
  | { readonly kind: "edit"; readonly listed: ListedItem }
  | { readonly kind: "reconcile"; readonly what: Reconcilable };

interface Drawers {
  readonly onAdd: () => void;
  readonly onEdit: (listed: ListedItem) => void;
  readonly onReconcile: (what: Reconcilable) => void;
  /** The drawer that is open, if one is. */
  readonly drawer: ReactNode;
}

/** What opens beside a list: one thing at a time. */
export function useDrawers(patient: string, list: ListName, noneKnown?: NoneKnown): Drawers {
  const [opened, setOpened] = useState<Opened | undefined>(undefined);
  const onClose = (): void => setOpened(undefined);
  return {
    onAdd: () => setOpened({ kind: "add" }),
    onEdit: (listed) => setOpened({ kind: "edit", listed }),
    onReconcile: (what) => setOpened({ kind: "reconcile", what }),
    drawer:
      opened === undefined ? null : opened.kind === "add" ? (
        <AddDrawer patient={patient} list={list} noneKnown={noneKnown} onClose={onClose} />
      ) : opened.kind === "edit" ? (
        <EditDrawer patient={patient} listed={opened.listed} onClose={onClose} />
      ) : (
        <ReconcileDrawer patient={patient} what={opened.what} onClose={onClose} />
      ),
  };
}
