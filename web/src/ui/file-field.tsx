import { IconUpload, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useFormat, useText } from "../i18n/index.ts";
import { IconButton } from "./button.tsx";
import { classes } from "./classes.ts";
import { type Bound, Control, type ControlProps } from "./control.tsx";
import css from "./control.module.css";
import { Icon } from "./icon.tsx";
import { List } from "./list.tsx";
import { uiMessages } from "./messages.ts";
import { Row } from "./layout.tsx";
import { Text } from "./text.tsx";

interface FileFieldProps extends ControlProps<readonly File[]> {
  /** Media types that are taken: `application/pdf`, `image/png`. The server looks at the content itself. */
  readonly accept?: readonly string[];
  readonly maxBytes?: number;
  readonly takesMany?: boolean;
}

function Input({ bound, props }: { readonly bound: Bound<readonly File[]>; readonly props: FileFieldProps }) {
  const [t, format] = [useText(uiMessages), useFormat()];
  const { aria, value, set, blur, ref, isDisabled } = bound;
  const [isOver, setIsOver] = useState(false);
  const add = (list: FileList | null): void => {
    const files = [...(list ?? [])];
    set(props.takesMany === true ? [...value, ...files] : files.slice(0, 1));
  };
  return (
    <>
      <div
        className={classes(css["drop"], isOver && css["over"])}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setIsOver(false);
          if (!isDisabled) add(event.dataTransfer.files);
        }}
      >
        <input
          {...aria}
          ref={ref}
          className={css["file"]}
          type="file"
          aria-label={props.label}
          accept={props.accept?.join(",")}
          multiple={props.takesMany}
          disabled={isDisabled}
          onChange={({ target }) => {
            add(target.files);
            // The same file may be chosen again after it was taken out.
            target.value = "";
          }}
          onBlur={blur}
        />
        <label htmlFor={aria.id} className={css["pick"]} aria-hidden="true">
          <Icon of={IconUpload} />
          {t(props.takesMany === true ? "chooseFiles" : "chooseFile")}
        </label>
        <span className={css["hint"]}>
          {t("dropHere")}
          {props.maxBytes !== undefined && `, ${t("fileMaximum", { size: format.bytes(props.maxBytes) })}`}
        </span>
      </div>
      {value.length > 0 && (
        <List
          label={props.label}
          items={value}
          itemKey={({ name, size, lastModified }) => `${name} ${size} ${lastModified}`}
          look="spaced"
        >
          {(file) => (
            <Row>
              <Text as="span">{file.name}</Text>
              <Text as="span" tone="muted" size="sm">
                {format.bytes(file.size)}
              </Text>
              <IconButton
                size="sm"
                icon={IconX}
                label={t("removeFile", { name: file.name })}
                onClick={() => set(value.filter((known) => known !== file))}
              />
            </Row>
          )}
        </List>
      )}
    </>
  );
}

/** Files from this device, chosen or dropped. They stay in memory until they are sent. */
export function FileField(props: FileFieldProps) {
  const [t, format] = [useText(uiMessages), useFormat()];
  const { accept = [], maxBytes } = props;
  const validate = (files: readonly File[]): string | undefined => {
    const large = files.find(({ size }) => maxBytes !== undefined && size > maxBytes);
    if (large && maxBytes !== undefined) return t("fileTooLarge", { name: large.name, size: format.bytes(maxBytes) });
    const strange = files.find(({ type }) => accept.length > 0 && !accept.includes(type));
    return strange ? t("fileWrongType", { name: strange.name }) : props.validate?.(files);
  };
  return (
    <Control control={{ ...props, validate }} empty={[]} isEmpty={(files) => files.length === 0}>
      {(bound) => <Input bound={bound} props={props} />}
    </Control>
  );
}
